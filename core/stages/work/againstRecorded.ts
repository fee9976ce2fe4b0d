import type { Estimate } from "../../../contracts/evaluation.ts";
import { ROWS, type RowName } from "../../../contracts/ladderRows.ts";
import type { Ranking } from "../../../contracts/passage.ts";
import type { QuestionLine } from "../../artifacts/evaluation.ts";
import { type BootstrapOptions, bootstrapDifference } from "../../judging/bootstrap.ts";
import type { GateEvidence } from "../../judging/gate.ts";
import type { LadderRun } from "../../judging/ladder.ts";

/** A champion's own evaluation, and the ranking that it serves with. */
export interface Recorded {
  lines: readonly QuestionLine[];
  ranking: Ranking;
}

/**
 * nDCG@10 of a candidate under each ranking minus the champion's own evaluation, over the questions of both. On the
 * candidate's own retrieval, a champion with another embedder would be measured with the candidate's. Null if they share
 * no question.
 *
 * @param questions the answerable ones, in the order of the runs
 */
export function againstRecorded(
  questions: readonly { query: string }[],
  runs: readonly LadderRun[],
  { lines, ranking }: Recorded,
  bootstrap: BootstrapOptions,
): GateEvidence["vsChampion"] | null {
  const row = ranking === "reranked" ? ROWS.served : ROWS.retrieval;
  // By their text: made questions are numbered anew where another embedder cuts other windows.
  const known = new Map(lines.map((line) => [line.query, line]));
  const then = questions.map(({ query }) => known.get(query)?.metrics[row]?.["ndcg@10"]);
  const minus = (name: RowName): Estimate | null => {
    const run = runs.find((each) => each.name === name);
    const pairs = (run?.perQuestion ?? []).flatMap((metrics, at): [number, number][] => {
      const before = then[at];
      return before === undefined ? [] : [[metrics["ndcg@10"], before]];
    });
    if (pairs.length === 0) return null;
    const { value, low, high } = bootstrapDifference(
      pairs.map(([now]) => now),
      pairs.map(([, before]) => before),
      bootstrap,
    );
    return { value, low, high };
  };
  const [retrieval, reranked] = [minus(ROWS.retrieval), minus(ROWS.served)];
  return retrieval || reranked ? { retrieval, reranked } : null;
}
