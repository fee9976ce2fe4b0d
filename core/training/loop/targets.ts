import type { TrainingGroup } from "../../artifacts/groups.ts";
import type { EncodedText } from "../../models/batches.ts";
import { marginScores } from "../mining/group.ts";
import type { Lesson, TrainingEngine } from "./engine.ts";
import type { TrainingSettings } from "./settings.ts";

type LessonSettings = Pick<TrainingSettings, "loss" | "distillation" | "residual">;

/**
 * The retriever's share of a group's served score: `residual` times its scores, minus that of the positive. Only
 * differences affect an order, and small numbers keep float32 exact. Zeros if the logit is used alone. A graded group
 * has its own.
 */
export function priorOf(
  { passages, teacher, scores, prior: own }: TrainingGroup,
  { loss, residual }: Pick<LessonSettings, "loss" | "residual">,
): Float32Array {
  const prior = new Float32Array(passages.length);
  if (loss === "graded") return own ? Float32Array.from(own) : prior;
  if (loss !== "listwise" || residual === 0 || !teacher || scores) return prior;
  return prior.map((_, i) => residual * (teacher[i]! - teacher[0]!));
}

/**
 * The lesson of an encoded group.
 *
 * With a retriever's scores, the listwise loss is that of the served score: `residual` times the retriever's scores
 * plus the logit. The model then learns what retrieval does not know. At least `distillation` of the target is the
 * order served untrained. It keeps generated questions from undoing what the base knows of people's questions (learning
 * without forgetting: Li and Hoiem, 2016).
 *
 * The rest of the target is the label, weighted by how likely that order ranks it first. A positive ranked far behind
 * is often not the only answer, or no answer (bootstrapped labels: Reed et al., 2015).
 *
 * An external teacher is distilled: its softmax is that share of the target, and nothing is added to the logits.
 */
export async function lessonOf(
  engine: Pick<TrainingEngine, "scoreAtStart">,
  group: TrainingGroup,
  rows: readonly EncodedText[],
  settings: LessonSettings,
): Promise<Lesson> {
  const { loss, distillation, residual } = settings;
  const prior = priorOf(group, settings);
  const targets = Float32Array.from(rows, (_, i) => (i === 0 ? 1 : 0));
  const taught = marginScores(group);
  if (loss === "graded") return { targets: Float32Array.from(group.scores!), prior };
  if (loss === "binary" || !taught) return { targets, prior };
  if (loss === "marginMse") return { targets: Float32Array.from(taught), prior };
  if (distillation === 0) return { targets, prior };
  if (residual === 0 || group.scores) return { targets: mixed(targets, softmax(taught), distillation), prior };
  const logits = await engine.scoreAtStart(rows);
  const before = Array.from(logits, (logit, i) => logit + prior[i]!);
  const soft = softmax(before);
  return { targets: mixed(targets, soft, 1 - (1 - distillation) * soft[0]!), prior };
}

function mixed(hard: Float32Array, soft: readonly number[], share: number): Float32Array {
  return hard.map((value, i) => (1 - share) * value + share * soft[i]!);
}

function softmax(scores: readonly number[]): number[] {
  const highest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - highest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
