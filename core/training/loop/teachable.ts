import type { TrainingGroup } from "../../artifacts/groups.ts";
import { WinnowError } from "../../base/errors.ts";
import { marginScores, withPassages } from "../mining/group.ts";
import type { TrainingOptions } from "./settings.ts";
import type { LeftOut, TrainingReport } from "./trainingReport.ts";

/**
 * The options without what teaches nothing or the wrong thing, counted: a negative that is the positive itself would
 * be right and wrong at once. Whitespace makes no difference. Throws BadInput where no training group is left.
 */
export function onlyTeachable(options: TrainingOptions): { options: TrainingOptions; leftOut: LeftOut } {
  const leftOut: LeftOut = { groups: 0, negatives: 0 };
  const groups = kept(options.groups, leftOut);
  if (groups.length === 0) {
    throw new WinnowError(
      "BadInput",
      `training: none of the ${options.groups.length} groups has a question, a positive and a negative that is another text: the data is of one class. Give every question a passage that does not answer it`,
    );
  }
  const alike = groups.map(marginScores).every((scores) => scores?.every((score) => score === scores[0]));
  if (options.loss === "marginMse" && alike) {
    throw new WinnowError(
      "BadInput",
      "training: the teacher scores every passage of a group alike, in every group, so marginMse has no margin to learn. Give scores that differ, or take another loss",
    );
  }
  return { options: { ...options, groups, validation: kept(options.validation, leftOut) }, leftOut };
}

/** A line for people on what of the data was not read as it was given; empty where all of it was. */
export function dataRemarks(report: Pick<TrainingReport, "pairs" | "cutPairs" | "maxTokens" | "leftOut">): string {
  const { pairs, cutPairs, maxTokens, leftOut } = report;
  const remarks = [
    [cutPairs, `${cutPairs} of ${pairs} pairs were longer than ${maxTokens} tokens and were cut`],
    [leftOut.groups, `left out: ${leftOut.groups} groups without a question, a positive or a negative that differs`],
    [leftOut.negatives, `left out: ${leftOut.negatives} negatives that were empty or the positive itself`],
  ] as const;
  return remarks.flatMap(([count, remark]) => (count > 0 ? remark : [])).join("; ");
}

function kept(groups: readonly TrainingGroup[], leftOut: LeftOut): TrainingGroup[] {
  return groups.flatMap((group) => {
    const told = withoutUselessNegatives(group);
    if (told === null) leftOut.groups++;
    else leftOut.negatives += group.passages.length - told.passages.length;
    return told ?? [];
  });
}

/** The same group where all of its passages teach; null where it has no two that can be told apart. */
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
