import { z } from "zod";
import { parseInput } from "../core/base/parseInput.ts";

// What calls of the library may be given. A program without types, or with an unset variable, gets a named error.

const text = z
  .string()
  .min(1, "is empty")
  .refine((given) => !given.includes("\0"), "holds a NUL character");
const settings = z.record(z.string(), z.string()).optional();
const release = z.object({ home: text, release: text.optional(), corpus: text.optional(), settings });

const INPUTS = {
  openRelease: release,
  evaluate: release.extend({ questions: text, out: text.optional() }),
  trainCrossEncoder: z.object({
    ...{ pairs: text, base: text, out: text, questions: text.optional(), settings },
    budget: z.number().positive(),
    seed: z.int(),
  }),
  search: z.object({ question: z.string(), k: z.int().positive() }),
  answer: z.object({ question: z.string() }),
  rerank: z.object({ question: z.string(), passages: z.array(z.string()) }),
};

/** Throws BadInput, which names each wrong field of a call. */
export function checkCall(name: keyof typeof INPUTS, given: unknown): void {
  parseInput(INPUTS[name], given);
}
