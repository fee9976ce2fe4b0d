import { tokenize } from "../retrieval/tokenize.ts";
import { jaccard } from "./contamination.ts";

const SHINGLE = 3;
const NEAR = 0.4;

/** Finds passages that say the same in nearly the same words (token shingles, Broder 1997). Sets are kept per passage. */
export class NearDuplicates {
  private readonly shingles = new Map<number, Set<string>>();

  /** @param textOf text of the passage at a position. */
  constructor(private readonly textOf: (position: number) => string) {}

  /** True when the two passages share at least 0.4 of their three-word runs, or one nearly contains the other. */
  near(a: number, b: number): boolean {
    if (a === b) return true;
    const [of, other] = [this.of(a), this.of(b)];
    return jaccard(of, other) >= NEAR || contained(of, other) >= 0.7;
  }

  private of(position: number): Set<string> {
    const known = this.shingles.get(position);
    if (known !== undefined) return known;
    const terms = tokenize(this.textOf(position));
    const made = new Set<string>();
    for (let i = 0; i + SHINGLE <= terms.length; i++) made.add(terms.slice(i, i + SHINGLE).join(" "));
    this.shingles.set(position, made);
    return made;
  }
}

/** Share of the smaller set that is in the larger; 0 for sets too small to tell. */
function contained(a: Set<string>, b: Set<string>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a];
  if (small.size < 10) return 0;
  let common = 0;
  for (const item of small) if (large.has(item)) common++;
  return common / small.size;
}
