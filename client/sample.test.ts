import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../config/read.ts";
import { isAnswerable } from "../core/judging/question.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { proposedQuestion, sampleQuestions } from "./sample.ts";

const samples = join(projectRoot, "samples");

it("asks measured questions: two that the sample pages answer, then one that they do not", async () => {
  const demos = await loadQuestionSet(join(samples, "demos.jsonl"));
  expect(demos.map(({ query }) => query)).toEqual(sampleQuestions());
  expect(demos.map(isAnswerable)).toEqual([true, true, false]);
  const measured = await loadQuestionSet(join(samples, "questions.jsonl"));
  for (const { query, kind, relevant } of demos) {
    expect(measured.find((question) => question.query === query)?.kind).toBe(kind);
    for (const { path, evidence } of relevant)
      expect(readFileSync(join(samples, "docs", path), "utf8")).toContain(evidence);
  }
});

it("proposes a question of the README", () => {
  expect(readFileSync(join(projectRoot, "README.md"), "utf8")).toContain(`npx winnow ask "${proposedQuestion()}"`);
});
