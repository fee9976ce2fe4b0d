import { describe, expect, test } from "vitest";
import type { AskResult } from "../contracts/ask.ts";
import type { EvaluationSummary } from "../contracts/evaluation.ts";
import { METRICS } from "../contracts/evaluation.ts";
import type { CorpusChanges, PipelineResult } from "../contracts/pipeline.ts";
import { renderAnswer } from "./renderAnswer.ts";
import { renderChanges } from "./renderChanges.ts";
import { type EvaluationView, renderEvaluation, renderGate } from "./renderEvaluation.ts";
import { renderRun } from "./renderRun.ts";
import { renderStage } from "./renderStage.ts";
import { printable } from "./style.ts";

const plain = (text: string) => printable(text, false);

const ref = (stage: string) => ({ uri: `winnow:${stage}/${"a".repeat(64)}`, sha256: "a".repeat(64), bytes: 1 });
const changes: CorpusChanges = {
  against: "14f9f68957b3",
  pages: { added: 2, changed: 1, removed: 0, same: 74 },
  passages: { total: 383, fresh: 9, gone: 4 },
  examples: { added: ["jobs.md"], changed: ["pods.md"], removed: [] },
  ref: ref("changes"),
};
const gate = {
  promoted: false,
  ranking: "retrieval" as const,
  reason: "not better than the champion",
  criteria: [
    { name: "vs champion", passed: false, detail: "-0.010 [-0.030, +0.010]" },
    { name: "latency", passed: true, detail: "p95 120 ms of 600" },
  ],
};
const metrics = Object.fromEntries(METRICS.map((name) => [name, { value: 0.5, low: 0.4, high: 0.6 }]));
const evaluation = {
  questions: 60,
  stale: 3,
  source: "judged",
  ladder: [{ name: "retrieval", metrics }],
  paired: [{ a: "served", b: "rrf", metric: "ndcg@10", difference: 0.071, low: 0.04, high: 0.101 }],
  abstention: {
    aurocNear: 0.931,
    aurocOffTopic: null,
    ece: null,
    brierSkill: 0.214,
    falseAnswerRate: 0.1,
    falseRefusalRate: null,
    wrongEvidenceRate: 0.18,
    n: 20,
  },
} as unknown as EvaluationSummary;
const result: PipelineResult = {
  status: "completed",
  workflowId: "pipeline-k8s",
  corpus: "k8s",
  release: "0b08c3a25fbe",
  promoted: false,
  reason: "not better",
  source: null,
  changes: null,
  retrain: null,
  stages: [],
  evaluation: null,
  gate: null,
  approval: null,
  first: null,
  artifacts: {},
};

test("a page diff has counts, the first pages of each kind with their sign, and the number of further pages", () => {
  expect(renderChanges(changes).split("\n")).toEqual([
    "Docs against release 14f9f68957b3: 2 pages added, 1 changed, 0 removed, 74 the same; 9 of 383 passages new",
    "  + jobs.md",
    "  + ... and 1 more",
    "  ~ pods.md",
  ]);
});

test("a gate's verdict has one line per criterion with its numbers, and the order that serves", () => {
  expect(plain(renderGate(gate)).split("\n")).toEqual([
    "Gate: not promoted; retrieval orders the answers, the reranker stays out. not better than the champion",
    "  – vs champion: -0.010 [-0.030, +0.010]",
    "  ✔ latency: p95 120 ms of 600",
  ]);
  expect(renderGate({ ...gate, promoted: true, ranking: "reranked" })).toContain("Gate: promoted; the reranker orders");
});

test("an evaluation explains the rates of abstention in words", () => {
  const told = renderEvaluation(evaluation).split("\n");
  expect(told.slice(told.indexOf("Knowing when not to answer:") + 1)).toEqual([
    "  false answers  10 %: answered although the docs hold no answer",
    "  false refusals n/a: refused although a judged passage was found",
    "  wrong evidence 18 %: answered from passages of which none is judged",
    expect.stringContaining("AUROC near-topic 0.93, off-topic n/a:"),
    expect.stringContaining("ECE n/a (n = 20):"),
    expect.stringContaining("Brier skill 0.21:"),
  ]);
  const standIns = { ...evaluation, abstention: { ...evaluation.abstention, standIns: true as const } };
  expect(renderEvaluation(standIns)).toContain(
    "false answers  10 %: answered with the judged pages removed, as the set",
  );
  expect(renderEvaluation(evaluation)).not.toContain("requested");
  const askedFalseAnswers = { share: 0.05, keptOn: "page-removed", questions: 20, promise: 0.1 } as const;
  expect(renderEvaluation({ ...evaluation, askedFalseAnswers })).toContain(
    "Threshold: at most 5 % false answers were requested, but no question of the set is unanswerable",
  );
});

test("four rows of the ladder and their differences are shown; with `verbose`, every row", () => {
  const names = ["BM25", "dense", "rrf", "retrieval", "tuned", "served"];
  const pair = { metric: "ndcg@10" as const, difference: 0.01, low: 0, high: 0.02 };
  const paired = [
    { ...pair, a: "rrf", b: "dense" },
    { ...pair, a: "served", b: "retrieval" },
  ];
  const whole = { ...evaluation, paired, ladder: names.map((name) => ({ name, metrics })) } as EvaluationSummary;
  const rows = (view: EvaluationView) => {
    const lines = renderEvaluation(whole, view).split("\n");
    return lines.slice(4, lines.indexOf("", 4)).map((line) => line.split("  ")[0]);
  };
  expect(rows({})).toEqual(["BM25", "rrf", "retrieval", "served", "2 more rows with --verbose"]);
  expect(rows({ verbose: true })).toEqual(names);
  expect(rows({ ranking: "reranked" })).toEqual(rows({}));
  expect(rows({ ranking: "retrieval" }).slice(2, 4)).toEqual(["retrieval (serves)", "served (reranker on)"]);
  expect(renderEvaluation(whole)).not.toContain("rrf vs dense");
  expect(renderEvaluation(whole, { verbose: true })).toContain("rrf vs dense: +0.010");
});

test("a stage shows why it ran or was skipped", () => {
  const stage = {
    name: "embed" as const,
    skipped: false,
    why: "ingest changed",
    seconds: 8.24,
    summary: "473 vectors",
  };
  expect(plain(renderStage(stage))).toBe("  ✔ embed          8.2 s  473 vectors (ingest changed)");
  const skipped = { ...stage, skipped: true, why: "same inputs", seconds: 0 };
  expect(plain(renderStage(skipped))).toBe("  ○ embed          0.0 s  skipped: same inputs");
  const first = { ...stage, why: "first run of embed for this corpus" };
  expect(plain(renderStage(first))).toBe("  ✔ embed          8.2 s  473 vectors");
});

describe("the result of a run", () => {
  test("another run is under way", () => {
    const told = renderRun(
      { ...result, status: "already running", workflowId: "pipeline-other" },
      { home: "/home", artifacts: null },
    );
    expect(told).toBe("A run of corpus k8s is already under way: pipeline-other");
  });

  const places = { home: "/home", artifacts: null };
  const artifacts = { train: ref("train"), evaluate: ref("evaluate") };
  const whole = { ...result, changes, evaluation, gate, artifacts };
  const report = `Report    /home/artifacts/evaluate/${"a".repeat(64)}/report.html`;

  test("three lines: what serves and why, the quality in words, and the report", () => {
    expect(plain(renderRun(whole, places)).split("\n")).toEqual([
      "Release   0b08c3a25fbe of k8s is kept, not promoted: not better than the champion.",
      "Quality   on 60 judged questions, the first passage is right for 50 % and 30 passages hold 50 % of the right ones. Of the questions without an answer, 10 % are answered.",
      report,
    ]);
  });

  test("generated questions measure nothing, and few questions little", () => {
    const quality = (part: Partial<EvaluationSummary>) =>
      plain(renderRun({ ...whole, evaluation: { ...evaluation, ...part } }, places)).split("\n")[1];
    expect(quality({ source: "generated" })).toBe(
      "Quality   not measured: give 30 questions with `--questions FILE` (`npx winnow questions new` helps to write them).",
    );
    expect(quality({ questions: 10 })).toMatch(/These are 10 questions, too few to rely on: give 30/);
  });

  test("with `verbose`, the page diff, the numbers and the gate come first", () => {
    const lines = plain(renderRun(whole, places, { verbose: true })).split("\n");
    expect(lines[0]).toMatch(/^Docs against release 14f9f68957b3/);
    expect(lines).toContain("Evaluated on 60 judged questions, 3 stale ones left out");
    expect(lines).toContain("  served vs rrf: +0.071 [0.040, 0.101]");
    expect(lines).toContain("  – vs champion: -0.010 [-0.030, +0.010]");
    expect(lines.slice(-2)).toEqual([report, `Model     /home/artifacts/train/${"a".repeat(64)}`]);
  });

  test("a run that repeats an earlier one says so in one line, however it noticed", () => {
    const line = "Nothing changed since the last run: release 0b08c3a25fbe of k8s still serves.";
    const skipped = { skipped: true, why: "same inputs", seconds: 0, summary: "unchanged" };
    const stages = [
      { ...skipped, name: "evaluate" as const },
      { ...skipped, name: "deploy" as const, skipped: false },
    ];
    expect(plain(renderRun({ ...whole, promoted: true, status: "unchanged" }, places))).toBe(line);
    expect(plain(renderRun({ ...whole, promoted: true, stages }, places))).toBe(line);
  });

  test("promoted, waiting for a person, or stopped as asked", () => {
    const first = (part: Partial<PipelineResult>) =>
      plain(renderRun({ ...result, ...part }, { home: "/home", artifacts: null })).split("\n")[0];
    expect(first({ promoted: true, reason: "first release" })).toBe(
      "Release   0b08c3a25fbe of k8s serves now: first release.",
    );
    expect(first({ approval: "winnow-approval-k8s" })).toMatch(
      /^Release {3}0b08c3a25fbe of k8s waits for a person: .*approve --corpus k8s/,
    );
    expect(first({ release: null, reason: "Stopped after embed, as asked." })).toBe("Stopped after embed, as asked.");
  });
});

test("an abstention shows the refusing stage and the reason above the release; an answer shows neither", () => {
  const receipt: AskResult["receipt"] = {
    release: "0b08c3a25fbe",
    corpus: "k8s",
    ranking: "retrieval",
    threshold: 0.3,
    limits: { refuse: 0.3, answer: 0.3 },
    refusedBy: "threshold",
    why: "the best relevance, 0.120, is below the threshold 0.300",
    model: null,
    candidates: [],
  };
  const refused: AskResult = { answer: "No.", kind: "abstained", citations: [], closest: [], unsupported: [], receipt };
  expect(plain(renderAnswer(refused)).split("\n").slice(-2)).toEqual([
    "Refused by the threshold: the best relevance, 0.120, is below the threshold 0.300.",
    "Release 0b08c3a25fbe of k8s, order: retrieval.",
  ]);
  const answered: AskResult = { ...refused, kind: "extractive", receipt: { ...receipt, refusedBy: null, why: null } };
  expect(renderAnswer(answered)).not.toContain("Refused");
});
