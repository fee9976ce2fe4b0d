import type { TrainingGroup } from "../../artifacts/groups.ts";
import { marginScores } from "../mining/group.ts";
import { BINARY_WEIGHT } from "./losses.ts";
import type { TrainingSettings } from "./settings.ts";

/** Number of steps whose mean losses are compared. With fewer, a few hard questions would look like a trend. */
export const WINDOW = 10;
/** Training has diverged once the mean loss exceeds this multiple of both the initial loss and that of guessing. */
const FACTOR = 3;

/** True if no value is NaN or infinite. */
export function allFinite(values: Float32Array): boolean {
  // 0 times NaN or infinity is NaN. One sum is faster than a check per value, and this runs after every step.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * 0;
  return sum === 0;
}

/**
 * Describes the losses once training has diverged although all numbers are finite; otherwise null. The mean of the last
 * ten steps is compared with both the first ten and `guessing`. A base that starts well may fall to the level of
 * guessing and continue. In pure noise, the mean of equally many questions stays near the others.
 */
export function divergence(losses: readonly { loss: number }[], guessing: number): string | null {
  if (losses.length < 2 * WINDOW) return null;
  const [first, last] = [meanLoss(losses.slice(0, WINDOW)), meanLoss(losses.slice(-WINDOW))];
  if (last <= FACTOR * Math.max(first, guessing)) return null;
  return `the mean loss of the last ${WINDOW} steps is ${last.toPrecision(3)}, that of the first was ${first.toPrecision(3)}`;
}

/** The loss of equal logits: ln of the number of passages, ln 2, or the teacher's mean squared margin. */
export function guessingLoss(
  groups: readonly TrainingGroup[],
  { loss, passagesPerQuestion }: Pick<TrainingSettings, "loss" | "passagesPerQuestion">,
): number {
  if (loss === "binary") return Math.LN2;
  if (loss === "graded") return BINARY_WEIGHT * Math.LN2 + Math.log(passagesPerQuestion);
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
