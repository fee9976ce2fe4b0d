import fc from "fast-check";
import { expect, test } from "vitest";
import { parseQuestionSet } from "../../core/judging/questionSet.ts";
import { parsePairs } from "../../core/training/pairs.ts";
import { damaged, holds, mutated } from "./runs.ts";

const SECRET = "hunter2-correct-horse";
const QUESTION = {
  id: "q1",
  query: `how do pods restart ${SECRET}`,
  kind: "howto",
  relevant: [{ path: "pods.md", heading: SECRET, grade: 2, evidence: SECRET }],
  answer: SECRET,
  mustPass: true,
};
const PAIR = { query: SECRET, positive: SECRET, negatives: [SECRET, SECRET], scores: [1, 0.5, 0.25] };
const linesOf = (value: Record<string, unknown>) =>
  fc
    .tuple(fc.array(damaged(mutated(value)), { maxLength: 4 }), fc.constantFrom("\n", "\r\n", "\n\n", "\r"))
    .map(([lines, end]) => lines.join(end));

/** Refused by name and line, with no long text of the file. */
function refusal(read: () => unknown, code: string): void {
  try {
    read();
  } catch (error) {
    const { message } = error as Error;
    expect(error).toMatchObject({ code });
    expect(message).toMatch(/^set\.jsonl(, line \d+:| holds no)/);
    expect(message).not.toContain(SECRET);
    expect(message.length).toBeLessThan(400);
  }
}

test("a question set is read, or refused by line without its text", () => {
  holds(linesOf(QUESTION), (text) =>
    refusal(() => {
      for (const { id, query, relevant } of parseQuestionSet(text, "set.jsonl"))
        expect([typeof id, typeof query, Array.isArray(relevant)]).toEqual(["string", "string", true]);
    }, "BadQuestionSet"),
  );
});

test("a pairs file is read, or refused by line without its text", () => {
  holds(linesOf(PAIR), (text) =>
    refusal(() => {
      for (const { question, passages, scores } of parsePairs(text, "set.jsonl")) {
        expect(typeof question).toBe("string");
        expect(passages.length).toBeGreaterThan(1);
        if (scores) expect(scores.every(Number.isFinite)).toBe(true);
      }
    }, "BadInput"),
  );
});
