import { describe, expect, it } from "vitest";
import type { WinnowError } from "../base/errors.ts";
import { isAnswerable } from "./question.ts";
import { loadQuestionSet, parseQuestionSet } from "./questionSet.ts";

const good = {
  id: "q1",
  query: "how do pods restart",
  kind: "howto",
  relevant: [{ path: "pods.md", heading: "Restarts", grade: 2, evidence: "the kubelet restarts them" }],
};
const lines = (...objects: unknown[]) => objects.map((o) => JSON.stringify(o)).join("\n");

function refusal(content: string): string {
  try {
    parseQuestionSet(content, "set.jsonl");
  } catch (error) {
    expect((error as WinnowError).code).toBe("BadQuestionSet");
    return (error as Error).message;
  }
  throw new Error("accepted");
}

describe("parseQuestionSet", () => {
  it("reads judgments, skips blank lines, and defaults mustPass to false", () => {
    const off = { id: "q2", query: "weather in Paris", kind: "unanswerable-offtopic", relevant: [], mustPass: true };
    const [first, second] = parseQuestionSet(`${lines(good)}\n\n${lines(off)}\r\n`, "set.jsonl");
    expect(first?.relevant[0]).toEqual(good.relevant[0]);
    expect([first?.mustPass, second?.mustPass]).toEqual([false, true]);
    expect([isAnswerable(first!), isAnswerable(second!)]).toEqual([true, false]);
  });

  it("names file and line of bad JSON", () => {
    expect(refusal(`${lines(good)}\n{"id": "q2",`)).toMatch(/^set\.jsonl, line 2: not a JSON object/);
  });

  it("names the missing or wrong field", () => {
    expect(refusal(lines({ ...good, query: undefined }))).toMatch(/line 1: field "query"/);
    expect(refusal(lines({ ...good, relevant: [{ path: "a.md", grade: 3 }] }))).toMatch(/field "relevant.0.grade"/);
    expect(refusal("[]")).toMatch(/line 1: /);
  });

  it("names both lines of a duplicate id", () => {
    expect(refusal(lines(good, { ...good, id: "q2" }, good))).toMatch(/line 3: id "q1" was already used on line 1/);
  });

  it("refuses an empty file, and a kind that contradicts the judgments", () => {
    expect(refusal("\n\n")).toMatch(/set\.jsonl holds no question/);
    expect(refusal(lines({ ...good, relevant: [] }))).toMatch(/"relevant" is empty/);
    expect(refusal(lines({ ...good, kind: "unanswerable-near" }))).toMatch(/docs do not answer it/);
  });

  it("names the file that cannot be read", async () => {
    await expect(loadQuestionSet("/nowhere/set.jsonl")).rejects.toThrow(/cannot read the question set \/nowhere/);
  });
});
