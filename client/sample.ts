import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../config/read.ts";
import type { RunOptions } from "./run.ts";

/** Corpus of the sample docs. */
export const SAMPLE = "sample";

/** Options of a run on the sample docs that come with Winnow; options given replace them. */
export function sampleRun(options: Partial<Omit<RunOptions, "docs">> = {}): RunOptions {
  const samples = join(projectRoot, "samples");
  return {
    ...options,
    docs: join(samples, "docs"),
    name: options.name ?? SAMPLE,
    questions: options.questions ?? join(samples, "questions.jsonl"),
  };
}

/** The questions of the first run: two that the sample docs answer, then one that they do not. */
export function sampleQuestions(): string[] {
  const lines = readFileSync(join(projectRoot, "samples", "demos.jsonl"), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => (JSON.parse(line) as { query: string }).query);
}

/** The question to propose to a newcomer. */
export function proposedQuestion(): string {
  return sampleQuestions()[0]!;
}
