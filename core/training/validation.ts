import { WinnowError } from "../errors.ts";
import type { Tokenizer } from "../models/tokenizer.ts";
import { encodeGroup } from "./batches.ts";
import type { TrainingEngine } from "./engine.ts";
import type { TrainingGroup } from "./group.ts";

/**
 * Mean nDCG@10 of the groups' positives under the current weights; ties count against the positive. NaN when a logit is
 * not finite. Throws Cancelled between two groups when `signal` aborts.
 */
export async function validationNdcg(
  engine: TrainingEngine,
  tokenizer: Tokenizer,
  groups: readonly TrainingGroup[],
  maxTokens: number,
  signal: AbortSignal,
): Promise<number> {
  let sum = 0;
  for (const group of groups) {
    if (signal.aborted) throw new WinnowError("Cancelled", "training was cancelled while validating");
    sum += ndcgOfPositive(await engine.score(encodeGroup(tokenizer, group, maxTokens)));
  }
  return sum / groups.length;
}

/**
 * nDCG@10 of a list whose only relevant item is the first: 1 / log2(1 + its rank), 0 past rank 10. NaN when a score is not
 * finite: no comparison with NaN holds, so broken weights would rank every positive first.
 */
export function ndcgOfPositive(logits: ArrayLike<number>): number {
  if (!Array.from(logits).every(Number.isFinite)) return Number.NaN;
  let rank = 1;
  for (let i = 1; i < logits.length; i++) if (logits[i]! >= logits[0]!) rank++;
  return rank <= 10 ? 1 / Math.log2(1 + rank) : 0;
}
