import type { TrainingGroup } from "../../artifacts/groups.ts";
import type { Tokenizer } from "../../models/wholeText.ts";
import { encodeGroup } from "./batches.ts";
import type { TrainingEngine } from "./engine.ts";
import type { TrainingSettings } from "./settings.ts";
import { priorOf } from "./targets.ts";

/**
 * Mean nDCG@10 of the groups' positives in the order served with the current weights. Scores are logits, plus the
 * retriever's scores if the loss includes them. Ties count against the positive. NaN if a logit is not finite; null if
 * `signal` aborts.
 */
export async function validationNdcg(
  engine: Pick<TrainingEngine, "score">,
  tokenizer: Pick<Tokenizer, "encodePair">,
  groups: readonly TrainingGroup[],
  settings: Pick<TrainingSettings, "maxTokens" | "loss" | "residual">,
  signal: AbortSignal,
): Promise<number | null> {
  let sum = 0;
  for (const group of groups) {
    if (signal.aborted) return null;
    const prior = priorOf(group, settings);
    const logits = await engine.score(encodeGroup(tokenizer, group, settings.maxTokens));
    sum += ndcgOfPositive(logits.map((logit, i) => logit + prior[i]!));
  }
  return sum / groups.length;
}

/**
 * nDCG@10 of a list whose only relevant item is the first: 1 / log2(1 + its rank), 0 past rank 10. NaN if a score is
 * not finite: comparisons with NaN are false, so broken weights would rank every positive first.
 */
export function ndcgOfPositive(logits: ArrayLike<number>): number {
  if (!Array.from(logits).every(Number.isFinite)) return Number.NaN;
  let rank = 1;
  for (let i = 1; i < logits.length; i++) if (logits[i]! >= logits[0]!) rank++;
  return rank <= 10 ? 1 / Math.log2(1 + rank) : 0;
}
