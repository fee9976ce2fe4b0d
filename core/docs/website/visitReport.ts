import type { Outcome, Visited } from "./visitPage.ts";

/** What became of the pages that a sitemap lists. */
export type Counts = Record<Outcome, number>;

const EXAMPLES = 3;
const MAX_EXAMPLE = 200;
const MAX_URL = 120;

/** Counts the outcomes of a visit, and collects why pages failed or were left out. */
export class VisitReport {
  readonly counts: Counts = { new: 0, unchanged: 0, changed: 0, gone: 0, left: 0, failed: 0 };
  private readonly failures: string[] = [];
  private readonly left = new Map<string, number>();

  add(url: string, { outcome, why }: Visited): void {
    this.counts[outcome]++;
    if (why === undefined) return;
    if (outcome === "left") this.left.set(why, (this.left.get(why) ?? 0) + 1);
    else if (this.failures.length < EXAMPLES)
      this.failures.push(`${url.slice(0, MAX_URL)}: ${why}`.slice(0, MAX_EXAMPLE));
  }

  /** The first pages that failed, and why. */
  get examples(): string {
    return this.failures.join("; ");
  }

  /** The counts above 0, such as `2 new, 1 failed (...), 3 left out (2 noindex, 1 no HTML)`. */
  toString(): string {
    const { left, failed, ...others } = this.counts;
    const parts = Object.entries(others).map(([outcome, pages]) => ({ pages, text: `${pages} ${outcome}` }));
    parts.push({ pages: failed, text: `${failed} failed (${this.examples})` });
    const reasons = [...this.left].map(([why, pages]) => `${pages} ${why}`);
    parts.push({ pages: left, text: `${left} left out (${reasons.join(", ")})` });
    return parts.flatMap(({ pages, text }) => (pages > 0 ? [text] : [])).join(", ");
  }
}
