import { expect, it } from "vitest";
import { settingsOf, type TrainingOptions, type TrainingSettings } from "./settings.ts";

const options: TrainingOptions = {
  ...{ baseDir: "untrained", outDir: "out", checkpointDir: "checkpoints", budgetMinutes: 1, seed: 1 },
  ...{ groups: [{ question: "q", passages: ["a", "b"] }], validation: [] },
};
const of = (changes: Partial<TrainingSettings>) => () => settingsOf({ ...options, ...changes });

it.each<[keyof TrainingSettings, number[], number]>([
  ["questionsPerStep", [0, -1, 1.5, Number.NaN], 1],
  ["passagesPerQuestion", [1, 0, 2.5], 2],
  ["maxTokens", [3, 0, 4.5], 4],
  ["maxSteps", [0, 0.5], 1],
  ["maxEpochs", [0, -1], 0.5],
  ["maxNorm", [0, -1, Number.NaN], 0.1],
  ["learningRate", [0, -1, Number.NaN], 1e-9],
  ["headLearningRate", [0, -1, Number.NaN], 1e-9],
  ["distillation", [-0.1, 1.1, Number.NaN], 1],
  ["residual", [-0.1, Number.NaN], 0],
  ["weightDecay", [-0.1], 0],
  ["dropout", [-0.1, 1], 0],
  ["patience", [-1, 0.5], 0],
  ["frozenLayers", [-1, 0.5], 0],
])("%s is refused by its name where it makes no sense", (name, wrong, least) => {
  for (const value of wrong) {
    expect(of({ [name]: value })).toThrow(
      expect.objectContaining({
        code: "BadInput",
        message: expect.stringMatching(`^training: ${name} must be .*${value}$`),
      }),
    );
  }
  expect(of({ [name]: least })()[name]).toBe(least);
});

it("uses defaults for missing options", () => {
  expect(of({ learningRate: undefined })()).toMatchObject({
    learningRate: 2e-5,
    questionsPerStep: 4,
    loss: "listwise",
  });
});
