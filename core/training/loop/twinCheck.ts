import { deviation, spearman } from "../../base/statistics.ts";
import { INT8_LIMITS } from "../../judging/twinLimits.ts";
import { openCrossEncoder } from "../../models/crossEncoder.ts";
import { integerProductsSaturate } from "../../onnx/integerProducts.ts";
import type { TrainingOptions, TrainingSettings } from "./settings.ts";
import { ndcgOfPositive } from "./validation.ts";

/** Number of groups scored by both, which takes a few seconds. */
const GROUPS = 25;

/** Whether the int8 twin is kept, and its numbers or the reason against it for the model card. */
export interface TwinVerdict {
  stays: boolean;
  detail: string;
}

/** Logits of both models for the same passages in the same order, one list per group. */
export type Logits = number[][];

/**
 * Scores validation groups, or training groups if there are none, with the model in `dir` and its twin, on pairs of the
 * trained length. Skips the check on processors whose integer products saturate.
 */
export async function checkTwin(
  dir: string,
  { groups, validation, provider }: Pick<TrainingOptions, "groups" | "validation" | "provider">,
  { maxTokens, threads }: Pick<TrainingSettings, "maxTokens" | "threads">,
): Promise<TwinVerdict> {
  if (await integerProductsSaturate()) {
    return {
      stays: true,
      detail: "was not compared with it: the processor it was made on gets integer products wrong",
    };
  }
  const sample = (validation.length > 0 ? validation : groups).slice(0, GROUPS);
  const logits = async (precision: "float32" | "int8") => {
    const model = await openCrossEncoder(dir, { precision, maxTokens, threads, provider });
    try {
      const all: Logits = [];
      for (const { question, passages } of sample) all.push(await model.score(question, passages));
      return all;
    } finally {
      await model.close();
    }
  };
  return judgeLogits(await logits("float32"), await logits("int8"));
}

/**
 * Applies the limits of the release gate (core/judging/twinLimits.ts) to logit error and rank correlation over all
 * pairs. Reports nDCG@10 without judging it: on so few groups, two swapped passages move it by more than its limit.
 */
export function judgeLogits(float32: Logits, int8: Logits): TwinVerdict {
  const [exact, twin] = [float32.flat(), int8.flat()];
  const squares = exact.reduce((sum, logit, i) => sum + (logit - twin[i]!) ** 2, 0);
  const error = Math.sqrt(squares / exact.length) / (deviation(exact) || 1);
  const correlation = spearman(exact, twin);
  const ndcg = [float32, int8].map((lists) =>
    lists.reduce((sum, list) => sum + ndcgOfPositive(list) / lists.length, 0),
  );
  const stays = error <= INT8_LIMITS.logitError && correlation >= INT8_LIMITS.spearman;
  const numbers =
    `on ${exact.length} pairs its logits are off by ${(100 * error).toFixed(1)} % of their spread, ` +
    `with a rank correlation of ${correlation.toFixed(3)}, nDCG@10 ${ndcg[0]!.toFixed(3)} -> ${ndcg[1]!.toFixed(3)}`;
  return { stays, detail: stays ? `computes nearly the same: ${numbers}` : numbers };
}
