import type { Vectors } from "../artifacts/vectors.ts";
import type { CosineScale } from "./cosineScale.ts";
import type { VectorIndex } from "./engines/vectorIndex.ts";

/** Windows searched per requested passage: a long passage may contain several of the nearest. */
export const WINDOWS_PER_PASSAGE = 3;

export interface NearestWindow {
  /** On the reference's scale (cosineScale.ts). */
  cosine: number;
  /** Index of the window in its passage, from 0. */
  window: number;
}

/** The vectors of a corpus by passage: a passage is as near as its nearest window. */
export class WindowVectors {
  private readonly passageOf: Uint32Array;

  /** @param starts row of each passage's first window; one more at the end. */
  constructor(
    private readonly starts: Uint32Array,
    private readonly vectors: Pick<Vectors, "dot" | "read">,
    private readonly scale: CosineScale = (cosine) => cosine,
  ) {
    this.passageOf = new Uint32Array(this.count);
    for (let at = 0; at + 1 < starts.length; at++) this.passageOf.fill(at, starts[at], starts[at + 1]);
  }

  /** Windows of all passages, which are the rows of the vectors. */
  get count(): number {
    return this.starts.at(-1)!;
  }

  /**
   * The nearest window, computed here for every backend so that rounding cannot change an order. @param vector unit
   * vector of [dim].
   */
  nearest(position: number, vector: Float32Array): NearestWindow {
    const start = this.starts[position]!;
    let best: NearestWindow = { cosine: Number.NEGATIVE_INFINITY, window: 0 };
    for (let row = start; row < this.starts[position + 1]!; row++) {
      const cosine = this.vectors.dot(row, vector);
      if (cosine > best.cosine) best = { cosine, window: row - start };
    }
    return { ...best, cosine: this.scale(best.cosine) };
  }

  /** Unit vector of [dim] of one window. */
  vectorOf(position: number, window: number): Float32Array {
    return this.vectors.read(this.starts[position]! + window, 1);
  }

  /** Positions of the `k` passages with the nearest windows, best first, ties by position. */
  async nearestPassages(index: VectorIndex, vector: Float32Array, k: number): Promise<number[]> {
    const rows = (await index.search(vector, k * WINDOWS_PER_PASSAGE)).positions;
    const positions = [...new Set(Array.from(rows, (row) => this.passageOf[row]!))];
    const hits = positions.map((position) => ({ position, cosine: this.nearest(position, vector).cosine }));
    hits.sort((a, b) => b.cosine - a.cosine || a.position - b.position);
    return hits.slice(0, k).map((hit) => hit.position);
  }
}
