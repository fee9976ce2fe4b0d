import type { TrainingGroup } from "./group.ts";
import type { LossName } from "./losses.ts";

/**
 * What the logits of a group's passages should be, by the loss: a distribution for `listwise` (`distillation` of it
 * from the teacher's softmax, where there is a teacher), 1 and 0s for `binary`, the teacher's scores for `marginMse`.
 */
export function targetsOf(group: TrainingGroup, loss: LossName, distillation: number): Float32Array {
  const hard = Float32Array.from(group.passages, (_, i) => (i === 0 ? 1 : 0));
  if (loss === "binary" || !group.teacher) return hard;
  if (loss === "marginMse") return Float32Array.from(group.teacher);
  const soft = softmax(group.teacher);
  return hard.map((value, i) => (1 - distillation) * value + distillation * soft[i]!);
}

/**
 * What is added to a group's logits inside the loss: `residual` times the teacher's scores, less the first one's (a
 * softmax sees differences alone). The model then learns what retrieval does not know yet, as it serves: by a sum.
 */
export function priorOf(group: TrainingGroup, residual: number): Float32Array {
  const { teacher } = group;
  return Float32Array.from(group.passages, (_, i) => (teacher ? residual * (teacher[i]! - teacher[0]!) : 0));
}

function softmax(scores: readonly number[]): number[] {
  const highest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - highest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
