import { ROWS, type RowName } from "../../contracts/ladderRows.ts";
import type { Ranking } from "../../contracts/passage.ts";
import type { LadderRun } from "../judging/ladder.ts";
import { SMALLEST_CHANGE } from "../judging/metrics.ts";
import { escapeHtml, section } from "./reportHtml.ts";

/** Orders that need no reranker. On a tie, the first one is the baseline. */
const WITHOUT: RowName[] = [ROWS.retrieval, ROWS.rrf, ROWS.weighted, ROWS.feedback, ROWS.bm25, ROWS.dense];

/**
 * How many questions the reranker improves and worsens. The baseline is the best order without a reranker on these
 * questions: against a worse one, any reranker would look good.
 */
export function changesSection(runs: readonly LadderRun[], ranking: Ranking): string {
  const served = runs.find(({ name }) => name === ROWS.served);
  const baseline = WITHOUT.flatMap((name) => runs.find((run) => run.name === name) ?? []).reduce<LadderRun | null>(
    (best, run) => (best === null || mean(run) > mean(best) ? run : best),
    null,
  );
  if (!served || !baseline) return "";
  const gains = served.perQuestion.map((metrics, i) => metrics["ndcg@10"] - baseline.perQuestion[i]!["ndcg@10"]);
  const better = gains.filter((gain) => gain >= SMALLEST_CHANGE).length;
  const worse = gains.filter((gain) => gain <= -SMALLEST_CHANGE).length;
  const verb = ranking === "reranked" ? ["improves", "worsens"] : ["would improve", "would worsen"];
  const figures = `nDCG@10 ${mean(served).toFixed(3)} with it, ${mean(baseline).toFixed(3)} without`;
  const retrieval = runs.find(({ name }) => name === ROWS.retrieval);
  const note =
    retrieval && baseline.name !== ROWS.retrieval
      ? ` Without a reranker, <code>${ROWS.retrieval}</code> would serve, with ${mean(retrieval).toFixed(3)}.`
      : "";
  return section(
    "What the reranker changes",
    `<p>Against <code>${escapeHtml(baseline.name)}</code>, the best order without a reranker on these questions, the reranker
${verb[0]} ${better} of ${gains.length} questions and ${verb[1]} ${worse} (${figures}).${note}</p>`,
  );
}

function mean(run: LadderRun): number {
  const values = run.perQuestion.map((metrics) => metrics["ndcg@10"]);
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
