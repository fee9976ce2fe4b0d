/** Positions with their scores, best first; equal scores in order of position. */
export interface Neighbours {
  positions: Uint32Array;
  scores: Float32Array;
}

/**
 * Keeps the `k` best of a stream of (position, score) pairs in O(log k) per pair, in a binary heap whose root is the
 * worst. The result does not depend on the order of the stream: ties go to the lower position.
 */
export class TopK {
  private readonly positions: Uint32Array;
  private readonly scores: Float64Array;
  private size = 0;

  constructor(private readonly k: number) {
    this.positions = new Uint32Array(k);
    this.scores = new Float64Array(k);
  }

  offer(position: number, score: number): void {
    if (this.size < this.k) {
      this.rise(this.size++, position, score);
    } else if (this.k > 0 && this.beats(position, score, 0)) {
      this.sink(position, score);
    }
  }

  /** The kept pairs, best first. */
  sorted(): Neighbours {
    const order = Array.from({ length: this.size }, (_, slot) => slot);
    order.sort((a, b) => this.scores[b]! - this.scores[a]! || this.positions[a]! - this.positions[b]!);
    return {
      positions: Uint32Array.from(order, (slot) => this.positions[slot]!),
      scores: Float32Array.from(order, (slot) => this.scores[slot]!),
    };
  }

  private beats(position: number, score: number, slot: number): boolean {
    const kept = this.scores[slot]!;
    return score > kept || (score === kept && position < this.positions[slot]!);
  }

  private rise(start: number, position: number, score: number): void {
    let slot = start;
    while (slot > 0) {
      const parent = (slot - 1) >> 1;
      if (this.beats(position, score, parent)) break;
      this.move(parent, slot);
      slot = parent;
    }
    this.positions[slot] = position;
    this.scores[slot] = score;
  }

  private sink(position: number, score: number): void {
    let slot = 0;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= this.size) break;
      const other = child + 1;
      if (other < this.size && this.beats(this.positions[child]!, this.scores[child]!, other)) child = other;
      if (!this.beats(position, score, child)) break;
      this.move(child, slot);
      slot = child;
    }
    this.positions[slot] = position;
    this.scores[slot] = score;
  }

  private move(from: number, to: number): void {
    this.positions[to] = this.positions[from]!;
    this.scores[to] = this.scores[from]!;
  }
}
