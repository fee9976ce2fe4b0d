import { describe, expect, it } from "vitest";
import { mustPassPassed } from "./mustPass.ts";
import type { ScoredQuestion } from "./scored.ts";
import type { Served, ServedQuestion } from "./served.ts";

const CANDIDATE = { position: 7, cosine: 0, bm25Share: 0, fused: 0, relevant: true, judgedPage: true };

function passes(answerable: boolean, decision: ServedQuestion["decision"]): boolean {
  const judgments = answerable ? [{ grade: 2 as const, holders: new Set([7]) }] : [];
  const question = { id: "q", mustPass: true, answerable, judgments, candidates: [CANDIDATE] };
  const served = { asServed: [{ decision, order: [0] }] };
  return mustPassPassed([question as unknown as ScoredQuestion], served as unknown as Served).has("q");
}

describe("a must-pass question", () => {
  it.each([
    ["answer", true, false],
    ["unsure", true, true],
    ["refuse", false, true],
  ] as const)("%s: passes if the docs answer it, and if they do not", (decision, answerable, unanswerable) => {
    expect(passes(true, decision)).toBe(answerable);
    expect(passes(false, decision)).toBe(unanswerable);
  });
});
