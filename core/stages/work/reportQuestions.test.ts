import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { thresholdChart } from "../../report/thresholdChart.ts";
import { releaseBefore } from "./reportQuestions.ts";

const limits = { refuse: 0.3, answer: 0.6 };

/** An evaluation of questions with these served lines. */
function evaluation(lines: object[], abstention: object): string {
  const dir = mkdtempSync(join(tmpdir(), "winnow-evaluation-"));
  const details = { questionSet: "s", abstention: { retrieval: abstention } };
  writeFileSync(join(dir, "evaluation.json"), JSON.stringify({ source: "judged", details }));
  const questions = lines.map((retrieval, at) => ({ id: `q${at}`, stale: false, metrics: {}, served: { retrieval } }));
  writeFileSync(join(dir, "questions.jsonl"), questions.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return dir;
}

const decisions = async (dir: string) =>
  (await releaseBefore("0123456789ab", dir, "retrieval")).questions.map(({ decision }) => decision);

it("an evaluation that refused by the threshold alone is compared by its limits", async () => {
  const lines = [0.2, 0.4, 0.5, 0.7].map((best) => ({ best, threshold: 0.45, refused: best < 0.45 }));
  const dir = evaluation(lines, { threshold: 0.45, limits });
  expect(await decisions(dir)).toEqual(["refuse", "unsure", "unsure", "answer"]);
  expect(await decisions(evaluation(lines, { threshold: 0.45 }))).toEqual(["refuse", "refuse", "answer", "answer"]);
});

it("an evaluation that knows unsure answers is compared by what it found", async () => {
  const lines = [
    { best: 0.31, refused: true, unsure: false },
    { best: 0.61, refused: false, unsure: true },
  ];
  expect(await decisions(evaluation(lines, { threshold: 0.45, limits }))).toEqual(["refuse", "unsure"]);
});

it("the curve of the thresholds names both limits", () => {
  const rates = [0, 1].map((threshold) => ({ threshold, falseAnswerRate: 1 - threshold, falseRefusalRate: threshold }));
  const svg = thresholdChart(rates, limits);
  expect(svg).toContain("refuses 0.30");
  expect(svg).toContain("answers 0.60");
});
