import type { EncodedText } from "../reranker/batches.ts";
import type { TrainingEngine } from "./engine.ts";
import type { TrainingGroup } from "./group.ts";
import type { TrainingSettings } from "./settings.ts";

/** What a group teaches, one number a passage each. */
export interface Lesson {
  /** A distribution for `listwise`, 1 and 0s for `binary`, the teacher's scores for `marginMse`. */
  targets: Float32Array;
  /** Added to the logits inside the loss. */
  prior: Float32Array;
}

/**
 * The lesson of an encoded group. Listwise with a teacher, the loss is that of what serves, `residual` times the
 * teacher's scores plus the logit, so that the model learns what retrieval does not know; and `distillation` of the
 * target is what would serve before any training, so that questions made from the docs do not undo what the base knows
 * of how people ask (learning without forgetting: Li and Hoiem, 2016).
 */
export async function lessonOf(
  engine: Pick<TrainingEngine, "scoreAtStart">,
  group: TrainingGroup,
  rows: readonly EncodedText[],
  { loss, distillation, residual }: Pick<TrainingSettings, "loss" | "distillation" | "residual">,
): Promise<Lesson> {
  const prior = new Float32Array(rows.length);
  const targets = Float32Array.from(rows, (_, i) => (i === 0 ? 1 : 0));
  const { teacher } = group;
  if (loss === "binary" || !teacher) return { targets, prior };
  if (loss === "marginMse") return { targets: Float32Array.from(teacher), prior };
  if (residual === 0) return { targets: mixed(targets, teacher, distillation), prior };
  // A softmax sees differences alone: small numbers keep float32 exact.
  teacher.forEach((score, i) => {
    prior[i] = residual * (score - teacher[0]!);
  });
  if (distillation === 0) return { targets, prior };
  const logits = await engine.scoreAtStart(rows);
  const before = Array.from(logits, (logit, i) => logit + prior[i]!);
  return { targets: mixed(targets, before, distillation), prior };
}

function mixed(hard: Float32Array, scores: readonly number[], share: number): Float32Array {
  const soft = softmax(scores);
  return hard.map((value, i) => (1 - share) * value + share * soft[i]!);
}

function softmax(scores: readonly number[]): number[] {
  const highest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - highest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
