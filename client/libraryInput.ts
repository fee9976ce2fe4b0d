import { z } from "zod";
import { parseInput } from "../core/base/parseInput.ts";
import type { EvaluateOptions as ReportOptions } from "./evaluate.ts";
import type { LibrarySettings } from "./librarySettings.ts";
import type { ReleaseChoice } from "./openRelease.ts";
import type { TrainOptions, TrainProgress } from "./train.ts";

// What calls of the library may be given. A program without types, or with an unset variable, gets a named error.

/** One schema for each field of a call's options, so that none is left unchecked. */
type Fields<T> = { [K in keyof Required<T>]: z.ZodType<T[K]> };

const text = z
  .string()
  .min(1, "is empty")
  .refine((given) => !given.includes("\0"), "holds a NUL character");
const positive = z.number().positive("must be above 0");
const share = z.number().min(0, "must be from 0 to 1").max(1, "must be from 0 to 1");
const whole = (least: number) => z.int("must be a whole number").min(least, `must be at least ${least}`);
const settings = { settings: z.record(z.string(), z.string()).optional() } satisfies Fields<LibrarySettings>;
const following = {
  signal: z.instanceof(AbortSignal, { error: "must be an AbortSignal" }).optional(),
  onProgress: z
    .custom<NonNullable<TrainProgress["onProgress"]>>((given) => typeof given === "function", "must be a function")
    .optional(),
} satisfies Fields<TrainProgress>;

const release = { release: text.optional(), corpus: text.optional() } satisfies Fields<ReleaseChoice>;
const report = { ...release, out: text.optional(), ...following } satisfies Fields<ReportOptions>;
const training = {
  ...{ pairs: text, base: text, out: text, questions: text.optional() },
  budget: positive,
  seed: whole(0),
  loss: z.enum(["listwise", "binary", "marginMse"]).optional(),
  distillation: share.optional(),
  learningRate: positive.optional(),
  headLearningRate: positive.optional(),
  questionsPerStep: whole(1).optional(),
  // A positive and a negative, and a pair has three special tokens.
  passages: whole(2).optional(),
  maxTokens: whole(4).optional(),
  epochs: positive.optional(),
  patience: whole(0).optional(),
  frozenLayers: whole(0).optional(),
  layers: z.enum(["all", "joint"]).optional(),
} satisfies Fields<TrainOptions>;

const INPUTS = {
  openRelease: z.strictObject({ home: text, ...release, ...settings }),
  evaluate: z.strictObject({ home: text, questions: text, ...report, ...settings }),
  trainCrossEncoder: z
    .strictObject({ ...training, ...following, ...settings })
    .refine(({ layers, frozenLayers = 0 }) => layers !== "joint" || frozenLayers === 0, {
      path: ["frozenLayers"],
      error: "must be 0 with layers joint, which freezes all others",
    }),
  search: z.object({ question: z.string(), k: z.int().positive() }),
  answer: z.object({ question: z.string() }),
  rerank: z.object({ question: z.string(), passages: z.array(z.string()) }),
};

/** Throws BadInput, which names each wrong field of a call. */
export function checkCall(name: keyof typeof INPUTS, given: unknown): void {
  parseInput(INPUTS[name], given);
}
