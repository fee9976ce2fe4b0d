import type { FoundPassages } from "../../../contracts/askEvents.ts";
import type { Ranking } from "../../../contracts/passage.ts";
import { apart } from "../../../core/base/apart.ts";

/** One passage of the chart. */
export interface SlopeRow {
  id: string;
  /** End of the heading trail. */
  title: string;
  retrieval: number;
  served: number;
  relevance: number;
  /** Why the answer could not use it; null if it could. */
  dropped: string | null;
  /** The same in a few words; empty for one that it could use. */
  why: string;
  move: "up" | "down" | "same";
}

/** Retrieval's order and the served order, ready to draw. */
export interface Slope {
  /** In the served order. */
  rows: SlopeRow[];
  /** The same in the order of retrieval. */
  before: SlopeRow[];
  /** Rows of the served order above the threshold; null if that order does not follow the relevance. */
  above: number | null;
  threshold: number;
}

/** Ranks are shown as given, and drawn in their order: a search may leave some out. */
export function slopeOf({ candidates, threshold }: Pick<FoundPassages, "candidates" | "threshold">): Slope {
  const rows = candidates
    .map(
      ({ id, heading, page, rank, scores, dropped }): SlopeRow => ({
        ...{ id, title: heading.slice(-2).join(" › ") || page, dropped },
        ...{ retrieval: rank.retrieval, served: rank.served, relevance: scores.relevance },
        why: dropped === null ? "" : scores.relevance < threshold ? "below the threshold" : dropped,
        move: rank.served < rank.retrieval ? "up" : rank.served > rank.retrieval ? "down" : "same",
      }),
    )
    .sort((a, b) => a.served - b.served);
  const before = [...rows].sort((a, b) => a.retrieval - b.retrieval);
  const above = rows.filter(({ relevance }) => relevance >= threshold).length;
  const ordered = rows.every(({ relevance }, at) => relevance >= threshold === at < above);
  return { rows, before, above: ordered ? above : null, threshold };
}

/** What the chart shows, for people who do not see it. */
export function summaryOf({ rows, above, threshold }: Slope, ranking: Ranking): string {
  if (rows.length === 0) return "The search found no passage.";
  const moved = rows.filter(({ move }) => move !== "same").length;
  const order =
    ranking === "retrieval"
      ? "This release serves retrieval's order, without a reranker."
      : `The reranker changed the rank of ${moved} of ${rows.length} passages.`;
  const reach = rows.filter(({ relevance }) => relevance >= threshold).length;
  const reached = `${reach === 0 ? "None" : reach} of ${rows.length} reach the threshold ${number(threshold)}`;
  const line = above === null ? ", which is no line here: the order does not follow P(relevant)." : ".";
  return `${order} ${reached}${line}`;
}

/** A relevance or a limit, with three digits or as many as tell them apart. */
export function number(value: number, limit = value): string {
  return apart(value, limit)[0];
}
