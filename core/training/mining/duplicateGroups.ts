import { setImmediate } from "node:timers/promises";
import { jaccard } from "../questions/contamination.ts";
import { shinglesOf } from "./nearDuplicates.ts";

/** Smallest shingle hashes kept of a passage (bottom-k sketch, Broder 1997). */
const SKETCH = 16;
/** Passages with fewer shingles are too short to be duplicates of anything. */
const LEAST_SHINGLES = 8;
/** Share of common three-word shingles from which passages count as near-duplicates. */
const ALIKE = 0.5;
/** Holders of one hash up to this number are compared each with each. */
const EACH_WITH_EACH = 6;
/** Comparisons at most: bounds the time on docs that repeat themselves. */
const MOST_COMPARED = 200_000;
/** More than the passages of a corpus. With a hash of 30 bits, a position fits into a double's 53. */
const POSITIONS = 2 ** 22;
/** Passages between two visits of the event loop. */
const BREATH = 100;
const HASHES_A_BREATH = 10_000;

/** Passages worded nearly alike, by position. */
export interface DuplicateGroup {
  positions: number[];
  /** Smallest Jaccard similarity, 0.5 to 1, of the pairs that joined the group. */
  overlap: number;
}

/**
 * Finds groups of passages that share at least half of their three-word shingles, the largest first. Passages whose
 * sketches have a hash in common are compared exactly. Yields to the event loop, and takes about a second for 10,000
 * passages.
 */
export async function duplicateGroups(texts: readonly string[]): Promise<DuplicateGroup[]> {
  const pairs = await candidatePairs(texts);
  const groups = new Groups(texts.length);
  const known = new Map<number, Set<number>>();
  const shingles = (position: number) => {
    const made = known.get(position) ?? shinglesOf(texts[position]!);
    known.set(position, made);
    return made;
  };
  for (const [at, [a, b]] of pairs.entries()) {
    if (at % BREATH === 0) await setImmediate();
    if (groups.joined(a, b)) continue;
    const overlap = jaccard(shingles(a), shingles(b));
    if (overlap >= ALIKE) groups.join(a, b, overlap);
  }
  return groups.all();
}

/** Pairs of positions whose sketches have a hash in common. */
async function candidatePairs(texts: readonly string[]): Promise<[number, number][]> {
  const sketched = (await sketches(texts)).sort();
  const hashAt = (at: number) => Math.floor(sketched[at]! / POSITIONS);
  const pairs = new Map<number, [number, number]>();
  for (let start = 0, step = 0; start < sketched.length && pairs.size < MOST_COMPARED; step++) {
    if (step % HASHES_A_BREATH === 0) await setImmediate();
    let end = start;
    while (end < sketched.length && hashAt(end) === hashAt(start)) end++;
    const holders = Array.from(sketched.subarray(start, end), (packed) => packed % POSITIONS);
    for (const [a, b] of pairsOf(holders)) pairs.set(a * POSITIONS + b, [a, b]);
    start = end;
  }
  return [...pairs.values()];
}

/** Hash and position of every sketch, in one number each, which sorts fast. */
async function sketches(texts: readonly string[]): Promise<Float64Array> {
  const packed: number[] = [];
  for (const [position, text] of texts.entries()) {
    if (position % BREATH === 0) await setImmediate();
    const all = shinglesOf(text);
    if (all.size < LEAST_SHINGLES) continue;
    const least = Uint32Array.from(all).sort().subarray(0, SKETCH);
    for (const hash of least) packed.push(hash * POSITIONS + position);
  }
  return Float64Array.from(packed);
}

/** All pairs of a few; of many, each with the first and with the one before. */
function pairsOf(positions: readonly number[]): [number, number][] {
  const few = positions.length <= EACH_WITH_EACH;
  return positions.flatMap((b, at) =>
    positions
      .slice(0, at)
      .filter((_, before) => few || before === 0 || before === at - 1)
      .map((a): [number, number] => [a, b]),
  );
}

/** Disjoint sets of positions. */
class Groups {
  private readonly parent: Int32Array;
  private readonly overlap = new Map<number, number>();

  constructor(size: number) {
    this.parent = Int32Array.from({ length: size }, (_, i) => i);
  }

  joined(a: number, b: number): boolean {
    return this.root(a) === this.root(b);
  }

  join(a: number, b: number, overlap: number): void {
    const [into, from] = [this.root(a), this.root(b)];
    this.parent[from] = into;
    const least = Math.min(overlap, this.overlap.get(into) ?? 1, this.overlap.get(from) ?? 1);
    this.overlap.delete(from);
    this.overlap.set(into, least);
  }

  all(): DuplicateGroup[] {
    const members = new Map<number, number[]>();
    for (const position of this.parent.keys()) {
      const root = this.root(position);
      if (this.overlap.has(root)) members.set(root, [...(members.get(root) ?? []), position]);
    }
    return [...members]
      .map(([root, positions]) => ({ positions, overlap: this.overlap.get(root)! }))
      .sort((a, b) => b.positions.length - a.positions.length || b.overlap - a.overlap);
  }

  private root(position: number): number {
    let at = position;
    while (this.parent[at] !== at) {
      this.parent[at] = this.parent[this.parent[at]!]!;
      at = this.parent[at]!;
    }
    return at;
  }
}
