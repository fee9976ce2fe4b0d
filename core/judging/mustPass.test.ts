import { describe, expect, it } from "vitest";
import { mustPassPassed } from "./mustPass.ts";
import type { ScoredQuestion } from "./scored.ts";
import type { Served, ServedQuestion } from "./served.ts";

const CANDIDATE = { position: 7, cosine: 0, bm25Share: 0, fused: 0, relevant: true, judgedPage: true };

function passes(answerable: boolean, decided: Pick<ServedQuestion, "refused" | "unsure">): boolean {
  const judgments = answerable ? [{ grade: 2 as const, holders: new Set([7]) }] : [];
  const question = { id: "q", mustPass: true, answerable, judgments, candidates: [CANDIDATE] };
  const served = { asServed: [{ ...decided, order: [0] }] };
  return mustPassPassed([question as unknown as ScoredQuestion], served as unknown as Served).has("q");
}

describe("a must-pass question", () => {
  it.each([
    ["answered", { refused: false, unsure: false }, true, false],
    ["unsure", { refused: false, unsure: true }, true, true],
    ["refused", { refused: true, unsure: false }, false, true],
  ])("%s: passes if the docs answer it, and if they do not", (_, decided, answerable, unanswerable) => {
    expect(passes(true, decided)).toBe(answerable);
    expect(passes(false, decided)).toBe(unanswerable);
  });
});
