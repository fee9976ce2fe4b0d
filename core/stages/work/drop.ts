import { ROWS } from "../../../contracts/ladderRows.ts";
import type { Ranking } from "../../../contracts/passage.ts";
import type { QuestionLine } from "../../artifacts/evaluation.ts";

/**
 * Mean loss of nDCG@10 from an earlier evaluation to a later one, in the served ranking, over the questions of both.
 * Null if they share none.
 */
export function ndcgDrop(
  before: readonly QuestionLine[],
  now: readonly QuestionLine[],
  ranking: Ranking,
): number | null {
  const row = ranking === "reranked" ? ROWS.served : ROWS.retrieval;
  const ndcg = (line: QuestionLine) => line.metrics[row]?.["ndcg@10"];
  const earlier = new Map(before.map((line) => [line.id, line]));
  const losses = now.flatMap((line) => {
    const same = earlier.get(line.id);
    const [then, since] = [same && same.query === line.query ? ndcg(same) : undefined, ndcg(line)];
    return then === undefined || since === undefined ? [] : [then - since];
  });
  return losses.length === 0 ? null : losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
