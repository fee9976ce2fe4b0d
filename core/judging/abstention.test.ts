import { describe, expect, it } from "vitest";
import { abstentionDetails, abstentionSummary } from "./abstention.ts";
import type { Calibration } from "./calibration.ts";
import type { ScoredQuestion } from "./scored.ts";
import { serveFrozen } from "./served.ts";

/** P(relevant) is the sigmoid of the cosine, so a cosine above 0 reaches the threshold. */
const calibration: Calibration = {
  features: ["cosine"],
  mean: [0],
  scale: [1],
  weights: [1],
  bias: 0,
  top: { slope: 1, intercept: 0 },
  logitWeight: null,
  threshold: 0.5,
  limits: { refuse: 0.5, answer: 0.5 },
  fittedOn: { questions: 0, pairs: 0, relevant: 0 },
};

/** Candidates in served order: `+` reaches the threshold, `-` does not; capitals (`P`, `M`) mark judged ones. */
function question(served: string, answerable = true): ScoredQuestion {
  const candidates = [...served].map((sign, position) => ({
    position,
    cosine: sign === "+" || sign === "P" ? 1 : -1,
    bm25Share: 0,
    fused: 1 - position / 100,
    relevant: sign === "P" || sign === "M",
    judgedPage: false,
  }));
  const rankings = { bm25: [], dense: [], rrf: [], weighted: [], feedback: [] };
  const kind = answerable ? "howto" : "unanswerable-near";
  return { id: served, kind, answerable, mustPass: false, judgments: [], candidates, rankings, logits: {} };
}

const detailsOf = (...questions: ScoredQuestion[]) => abstentionDetails(serveFrozen(questions, null, calibration));

describe("answers from wrong evidence", () => {
  const wrong = (served: string) => detailsOf(question(served)).wrongEvidenceRate;

  it("are those that draw on no judged passage", () => {
    expect(wrong("P+")).toBe(0);
    expect(wrong("++")).toBe(1);
  });

  it("exclude those whose first passage alone is wrong, which are counted separately", () => {
    expect(detailsOf(question("+P"))).toMatchObject({ wrongEvidenceRate: 0, wrongFirstRate: 1 });
    expect(detailsOf(question("-P"))).toMatchObject({ wrongEvidenceRate: 0, wrongFirstRate: 0 });
  });

  it("may have a judged passage among the candidates: below the threshold, or beyond the four that an answer draws on", () => {
    expect(wrong("+M")).toBe(1);
    expect(wrong("+++P")).toBe(0);
    expect(wrong("++++P")).toBe(1);
    expect(wrong("-+++P")).toBe(0);
  });

  it("exclude false refusals, and answers to unanswerable questions, which are false answers", () => {
    const details = detailsOf(question("--M"), question("+P"), question("++", false));
    expect(details).toMatchObject({ wrongEvidenceRate: 0, falseRefusalRate: 0.5, falseAnswerRate: 1 });
  });

  it("are in the summary, or null without answerable questions", () => {
    expect(abstentionSummary(detailsOf(question("++"), question("P"))).wrongEvidenceRate).toBe(0.5);
    expect(detailsOf(question("++", false)).wrongEvidenceRate).toBeNull();
  });
});
