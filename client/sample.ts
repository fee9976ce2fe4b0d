import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../config/read.ts";
import type { RunOptions } from "./run.ts";

/** Minutes of training on the sample docs: enough to see the loss fall, short enough for a first look. */
const BUDGET_MINUTES = 1.5;

/** Options of a run on the sample docs that come with Winnow; options given replace them. */
export function sampleRun(options: Partial<Omit<RunOptions, "docs">> = {}): RunOptions & { budget: number } {
  const samples = join(projectRoot, "samples");
  return {
    ...options,
    docs: join(samples, "docs"),
    name: options.name ?? "sample",
    questions: options.questions ?? join(samples, "questions.jsonl"),
    budget: options.budget ?? BUDGET_MINUTES,
  };
}

interface SampleQuestion {
  query: string;
  kind: string;
}

/** Two questions that the sample docs answer and one that they do not. */
export function sampleQuestions(): string[] {
  const lines = readFileSync(join(projectRoot, "samples", "questions.jsonl"), "utf8")
    .trim()
    .split("\n");
  const questions = lines.map((line) => JSON.parse(line) as SampleQuestion);
  const answerable = questions.filter((question) => !question.kind.startsWith("unanswerable"));
  const unanswerable = questions.filter((question) => question.kind.startsWith("unanswerable"));
  return [answerable[0], answerable[Math.floor(answerable.length / 2)], unanswerable.at(-1)].flatMap((question) =>
    question ? [question.query] : [],
  );
}
