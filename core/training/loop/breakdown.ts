import type { TrainingGroup } from "../../artifacts/groups.ts";
import { marginScores } from "../mining/group.ts";
import type { TrainingSettings } from "./settings.ts";

/** Steps whose mean losses are compared: with fewer, a few hard questions would look like a trend. */
export const WINDOW = 10;
/** A mean loss so many times that of the start, and of a model that knows nothing, is no noise. */
const FACTOR = 3;

/** Whether no value is NaN or infinite. */
export function allFinite(values: Float32Array): boolean {
  // 0 times either is NaN; one sum is faster than a question each, and this is asked after every step.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  return sum === 0;
}

/**
 * What the losses say once training has diverged with its numbers still finite, null before. A bound on the mean over
 * ten steps, by the first ten and by `guessing` alike: a base that begins well may get as bad as one that knows nothing
 * and go on, and where all is noise the mean of as many questions stays near that of the others.
 */
export function divergence(losses: readonly { loss: number }[], guessing: number): string | null {
  if (losses.length < 2 * WINDOW) return null;
  const [first, last] = [meanLoss(losses.slice(0, WINDOW)), meanLoss(losses.slice(-WINDOW))];
  if (last <= FACTOR * Math.max(first, guessing)) return null;
  return `the mean loss of the last ${WINDOW} steps is ${last.toPrecision(3)}, that of the first was ${first.toPrecision(3)}`;
}

/** The loss of equal logits: ln of the passages, ln 2, or the mean squared margin of the teacher. */
export function guessingLoss(
  groups: readonly TrainingGroup[],
  { loss, passagesPerQuestion }: Pick<TrainingSettings, "loss" | "passagesPerQuestion">,
): number {
  if (loss === "binary") return Math.LN2;
  const longest = groups.reduce((most, { passages }) => Math.max(most, passages.length), 2);
  if (loss === "listwise") return Math.log(Math.min(longest, passagesPerQuestion));
  const margins = groups.flatMap((group) => {
    const [first = 0, ...others] = marginScores(group) ?? [];
    return others.map((score) => (first - score) ** 2);
  });
  return margins.reduce((sum, margin) => sum + margin, 0) / Math.max(1, margins.length);
}

export function meanLoss(losses: readonly { loss: number }[]): number {
  return losses.reduce((sum, { loss }) => sum + loss, 0) / losses.length;
}
