import { describe, expect, it } from "vitest";
import { parseQuestionSet } from "../../judging/questionSet.ts";
import type { Candidate } from "../../retrieval/retriever.ts";
import { smallCorpus } from "../testing/corpusFixture.ts";
import { everydayQuestions, generatedQuestion } from "./heldout.ts";
import { allQuestions } from "./questions.ts";

const corpus = smallCorpus();
const near = (cosine: number, bm25Share: number) => ({ cosine, bm25Share }) as Candidate;

describe("the generated question set", () => {
  const lines = [
    ...allQuestions(corpus, 1).map((question, index) => generatedQuestion(corpus, question, index + 1)),
    ...everydayQuestions(() => near(0.2, 0.3), 5, 900),
  ];

  it("is a valid question set, labelled as generated", () => {
    const parsed = parseQuestionSet(lines.map((line) => JSON.stringify(line)).join("\n"), "generated");
    expect(parsed).toHaveLength(lines.length);
    expect(lines.every((line) => line.generated)).toBe(true);
  });

  it("has the sentence that made the question as evidence", () => {
    for (const { relevant } of lines) {
      for (const { path, evidence } of relevant) {
        const text = (corpus.byPage.get(path) ?? [])
          .map((position) => corpus.passages.at(position)!)
          .map((passage) => passage.text)
          .join(" ");
        if (evidence) expect(text).toContain(evidence);
      }
    }
    expect(lines.some((line) => line.relevant[0]?.evidence)).toBe(true);
  });

  it("excludes everyday questions that the docs may answer", () => {
    expect(everydayQuestions(() => near(0.7, 0.2), 5, 1)).toEqual([]);
    expect(everydayQuestions(() => near(0.2, 0.9), 5, 1)).toEqual([]);
    expect(everydayQuestions(() => undefined, 5, 1)).toHaveLength(5);
  });
});
