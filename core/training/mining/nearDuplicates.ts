import { fnv1a } from "../../base/random.ts";
import { tokenize } from "../../retrieval/tokenize.ts";
import { jaccard } from "../questions/contamination.ts";

const SHINGLE = 3;
const NEAR = 0.4;
/** Bits of a shingle's hash: small integers keep the sets of a whole corpus small. */
const BITS = 0x3fffffff;

/** Finds passages that are worded nearly alike (token shingles, Broder 1997). Caches the shingles of each passage. */
export class NearDuplicates {
  private readonly shingles = new Map<number, Set<number>>();

  /** @param textOf text of the passage at a position. */
  constructor(private readonly textOf: (position: number) => string) {}

  /** True if the passages share at least 0.4 of their three-word shingles, or one nearly contains the other. */
  near(a: number, b: number): boolean {
    if (a === b) return true;
    const [of, other] = [this.of(a), this.of(b)];
    return jaccard(of, other) >= NEAR || contained(of, other) >= 0.7;
  }

  private of(position: number): Set<number> {
    const known = this.shingles.get(position);
    if (known !== undefined) return known;
    const made = shinglesOf(this.textOf(position));
    this.shingles.set(position, made);
    return made;
  }
}

/** Hashes, of 30 bits, of the distinct three-word shingles of a text. */
export function shinglesOf(text: string): Set<number> {
  const terms = tokenize(text);
  const made = new Set<number>();
  for (let i = 0; i + SHINGLE <= terms.length; i++) made.add(fnv1a(terms.slice(i, i + SHINGLE).join(" ")) & BITS);
  return made;
}

/** Share of the smaller set that the larger contains, or 0 for sets too small to compare. */
function contained(a: Set<number>, b: Set<number>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  if (small.size < 10) return 0;
  let common = 0;
  for (const item of small) if (large.has(item)) common++;
  return common / small.size;
}
