import type { TrainingGroup } from "../../artifacts/groups.ts";
import { WinnowError } from "../../base/errors.ts";
import { marginScores, withPassages } from "../mining/group.ts";
import type { TrainingOptions } from "./settings.ts";
import type { LeftOut, TrainingReport } from "./trainingReport.ts";

/**
 * Drops and counts groups and negatives that teach nothing or the wrong thing: a negative equal to the positive would
 * be both right and wrong. Whitespace is ignored. Throws BadInput if no training group is left.
 */
export function onlyTeachable(options: TrainingOptions): { options: TrainingOptions; leftOut: LeftOut } {
  const { groups, leftOut } = teachable(options.groups);
  if (groups.length === 0) {
    throw new WinnowError(
      "BadInput",
      `training: none of the ${options.groups.length} groups has a question, a positive and a negative with a different text, so the data is of one class. Give every question a passage that does not answer it`,
    );
  }
  const alike = groups.map(marginScores).every((scores) => scores?.every((score) => score === scores[0]));
  if (options.loss === "marginMse" && alike) {
    throw new WinnowError(
      "BadInput",
      "training: the teacher gives all passages of a group the same score, in every group, so marginMse has no margin to learn. Give different scores, or choose another loss",
    );
  }
  return { options: { ...options, groups, validation: kept(options.validation, leftOut) }, leftOut };
}

/** One line for people about data that was cut or left out; empty if there is none. */
export function dataRemarks(report: Pick<TrainingReport, "pairs" | "cutPairs" | "maxTokens" | "leftOut">): string {
  const { pairs, cutPairs, maxTokens, leftOut } = report;
  const remarks = [
    [cutPairs, `${cutPairs} of ${pairs} pairs were longer than ${maxTokens} tokens and were cut`],
    [leftOut.groups, `left out: ${leftOut.groups} groups without a question, a positive or a negative that differs`],
    [leftOut.negatives, `left out: ${leftOut.negatives} negatives that were empty or the positive itself`],
  ] as const;
  return remarks.flatMap(([count, remark]) => (count > 0 ? remark : [])).join("; ");
}

/** The groups of which training may learn, and the count of what is left out. */
export function teachable(groups: readonly TrainingGroup[]): { groups: TrainingGroup[]; leftOut: LeftOut } {
  const leftOut: LeftOut = { groups: 0, negatives: 0 };
  return { groups: kept(groups, leftOut), leftOut };
}

function kept(groups: readonly TrainingGroup[], leftOut: LeftOut): TrainingGroup[] {
  return groups.flatMap((group) => {
    const told = withoutUselessNegatives(group);
    if (told === null) leftOut.groups++;
    else leftOut.negatives += group.passages.length - told.passages.length;
    return told ?? [];
  });
}

/** The group without useless negatives: the same object if all teach, null if no negative differs from the positive. */
function withoutUselessNegatives(group: TrainingGroup): TrainingGroup | null {
  const { question, passages } = group;
  const [positive, ...negatives] = passages.map(plain);
  if (plain(question) === "" || !positive) return null;
  const places = negatives.flatMap((text, i) => (text === "" || text === positive ? [] : i + 1));
  if (places.length === negatives.length) return group;
  if (places.length === 0) return null;
  return withPassages(group, [0, ...places]);
}

function plain(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}
