import { expect, it } from "vitest";
import type { TrainingGroup } from "../../artifacts/groups.ts";
import { settingsOf, type TrainingOptions } from "./settings.ts";
import { dataRemarks, onlyTeachable } from "./teachable.ts";

const good: TrainingGroup = { question: "q", passages: ["yes", "no", "never"], teacher: [3, 2, 1] };

const read = { pairs: 9, cutPairs: 0, maxTokens: 64 };

function optionsOf(groups: TrainingGroup[], changes: Partial<TrainingOptions> = {}): TrainingOptions {
  const folders = { baseDir: "untrained", outDir: "out", checkpointDir: "checkpoints" };
  return { ...folders, groups, validation: [], budgetMinutes: 1, seed: 1, ...changes };
}

it("keeps useful groups unchanged", () => {
  const { options, leftOut } = onlyTeachable(optionsOf([good]));
  expect(options.groups[0]).toBe(good);
  expect(leftOut).toEqual({ groups: 0, negatives: 0 });
  expect(dataRemarks({ ...read, leftOut })).toBe("");
});

it("leaves out negatives that are empty or the positive itself, with their scores, and counts them", () => {
  const group = { question: "q", passages: ["a  b", " a b\n", "", "c"], teacher: [4, 3, 2, 1], scores: [8, 7, 6, 5] };
  const { options, leftOut } = onlyTeachable(optionsOf([good, group], { validation: [group] }));
  const rest = { question: "q", passages: ["a  b", "c"], teacher: [4, 1], scores: [8, 5] };
  expect(options.groups).toEqual([good, rest]);
  expect(options.validation).toEqual([rest]);
  expect(leftOut).toEqual({ groups: 0, negatives: 4 });
});

it("leaves out groups without distinguishable passages, and counts them", () => {
  const useless: TrainingGroup[] = [
    { question: " ", passages: ["a", "b"] },
    { question: "q", passages: ["", "b"] },
    { question: "q", passages: ["a", "a", " "] },
  ];
  const { options, leftOut } = onlyTeachable(optionsOf([good, ...useless], { validation: useless }));
  expect(options.groups).toEqual([good]);
  expect(options.validation).toEqual([]);
  expect(dataRemarks({ ...read, cutPairs: 2, leftOut })).toBe(
    "2 of 9 pairs were longer than 64 tokens and were cut; left out: 6 groups without a question, a positive or a negative that differs",
  );
});

it("refuses data of one class with any loss", () => {
  for (const loss of ["listwise", "binary", "marginMse"] as const) {
    const groups = [{ question: "q", passages: ["a", "a"], teacher: [1, 0] }];
    expect(() => onlyTeachable(optionsOf(groups, { loss }))).toThrow(
      expect.objectContaining({ code: "BadInput", message: expect.stringContaining("none of the 1 groups") }),
    );
  }
});

it("refuses a teacher without margins for marginMse, and scores that are not numbers for every loss", () => {
  const flat = { ...good, teacher: [1, 1, 1] };
  expect(() => onlyTeachable(optionsOf([flat, flat], { loss: "marginMse" }))).toThrow("no margin to learn");
  expect(onlyTeachable(optionsOf([flat, good], { loss: "marginMse" })).options.groups).toHaveLength(2);
  expect(() => settingsOf(optionsOf([good, { ...good, teacher: [1, Number.NaN, 0] }]))).toThrow(
    "group 1 has a teacher score that is not finite",
  );
});
