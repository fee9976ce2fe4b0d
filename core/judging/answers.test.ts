import { describe, expect, it } from "vitest";
import type { AskResult } from "../../contracts/ask.ts";
import { rankedPassage } from "../answering/testing/answerFixture.ts";
import { isRight, judgeAnswer, summarizeAnswers } from "./answers.ts";
import type { Question } from "./question.ts";

const EVIDENCE = "set the field `ttlSecondsAfterFinished` of the Job";
const passage = rankedPassage(1, "To clean up, set the field ttlSecondsAfterFinished of the Job.", 0.9, [
  "Jobs",
  "Clean up",
]);
const other = rankedPassage(2, "CronJobs run on a schedule.", 0.8, ["CronJob"]);

function question(changes: Partial<Question> = {}): Question {
  const relevant = [{ path: "page1.md", heading: "Clean-up", grade: 2 as const, evidence: EVIDENCE }];
  return { id: "q", query: "remove finished jobs", kind: "howto", relevant, mustPass: false, ...changes };
}

function answer(text: string, cited = [passage], kind: AskResult["kind"] = "extractive"): AskResult {
  const citations = cited.map(({ page, heading, url, lines }) => ({ page, heading, url, lines, quote: text }));
  return { answer: text, kind, citations, closest: [], unsupported: [], receipt: null as never };
}

describe("judgeAnswer", () => {
  it("is right when the answer holds 60 % of the evidence's words in a run, whatever it cites", () => {
    const judged = judgeAnswer(question(), answer("Set the field **ttlSecondsAfterFinished** of it [1].", [other]), [
      passage,
    ]);
    expect(judged).toMatchObject({ holdsEvidence: true, citesSection: false, firstIsRight: true, reachable: true });
  });

  it("is right when it cites the judged section of the judged page, not one of the same name elsewhere", () => {
    const elsewhere = { ...passage, page: "other.md" };
    expect(judgeAnswer(question(), answer("Something else."), [])).toMatchObject({
      citesSection: true,
      reachable: false,
    });
    expect(isRight(judgeAnswer(question(), answer("Something else.", [elsewhere]), []))).toBe(false);
  });

  it("reads an empty heading as the whole page", () => {
    const relevant = [{ path: "page1.md", heading: "", grade: 1 as const }];
    expect(judgeAnswer(question({ relevant }), answer("x"), []).citesSection).toBe(true);
  });

  it("counts a refusal as wrong, even if its text would be right", () => {
    expect(isRight(judgeAnswer(question(), answer(EVIDENCE, [], "abstained"), [passage]))).toBe(false);
  });
});

it("returns separate shares for answerable and unanswerable questions", () => {
  const asked = question();
  const off = question({ id: "off", kind: "unanswerable-near", relevant: [] });
  const figures = summarizeAnswers([
    judgeAnswer(asked, answer(EVIDENCE), [passage]),
    judgeAnswer(asked, answer("wrong", [other]), [other]),
    judgeAnswer(off, answer("", [], "abstained"), [other]),
  ]);
  expect(figures).toMatchObject({ answerable: 2, unanswerable: 1 });
  expect(figures.right.value).toBe(0.5);
  expect(figures.reachable.value).toBe(0.5);
  expect(figures.rightlyRefused.value).toBe(1);
  expect(figures.quotes).toBe(1);
  expect(figures.characters).toBe((EVIDENCE.length + "wrong".length) / 2);
});
