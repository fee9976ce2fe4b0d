import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PassageLabel } from "../../../contracts/labels.ts";
import type { Passage } from "../../../contracts/passage.ts";
import {
  type EvaluationFile,
  type QuestionLine,
  readCalibrations,
  writeEvaluation,
} from "../../artifacts/evaluation.ts";
import { sha256 } from "../../base/canonical.ts";
import { readJsonLines } from "../../base/jsonl.ts";
import { quietContext } from "../../base/progress.ts";
import { assess, NO_CHAMPION } from "../../judging/assess.ts";
import type { Question } from "../../judging/question.ts";
import { votesSection } from "../../report/votesSection.ts";
import { bookOf } from "../../retrieval/corpora/local.ts";
import type { Found } from "../../retrieval/retriever.ts";
import { evaluationContent } from "./evaluationContent.ts";
import { labelEffects } from "./labelEffects.ts";
import { type ScoringParts, scoreQuestions } from "./scoreQuestions.ts";

const passages: Passage[] = Array.from({ length: 12 }, (_, i) => ({
  id: `p${i}`,
  page: `page${Math.floor(i / 2)}.md`,
  heading: ["Page", `Topic <${i}>`],
  url: "",
  lines: [1, 2],
  text: `Passage number ${i} speaks about topic w${i} and nothing else`,
}));

/** "dense" counts up from the question's own number, "bm25" counts down, "retrieval" lists all from 0. */
const parts: ScoringParts = {
  retriever: {
    lookUp: async () => bookOf(passages),
    find: async (question, vector) => ({ question, vector }) as Found,
    async rankBy(ranking, { vector }, k) {
      const own = vector[0]!;
      const all = passages.map((_, position) => position);
      const order = ranking === "retrieval" ? all : all.sort((a, b) => Math.abs(a - own) - Math.abs(b - own));
      if (ranking === "bm25") order.reverse();
      const scores = { window: 0, bm25Share: 0.5, fused: 0.6 };
      return order.slice(0, k).map((position) => ({
        passage: passages[position]!,
        position,
        cosine: position === own ? 0.9 : 0.3,
        ...scores,
      }));
    },
  },
  embedder: {
    dim: 1,
    embed: async ({ questions = [] }) => Float32Array.from(questions, (text) => Number(/\d+/.exec(text)?.[0] ?? -9)),
  },
  rerankers: {
    tuned: {
      score: async (question, texts) =>
        texts.map((text) => (text.includes(`w${/\d+/.exec(question)?.[0]} `) ? 5 : -5) + text.length / 1000),
    },
  },
  depth: 8,
};

const ask = (i: number, over: Partial<Question> = {}): Question => ({
  id: `q${i}`,
  query: `what about ${i}`,
  kind: "lookup",
  mustPass: false,
  relevant: [{ path: `page${Math.floor(i / 2)}.md`, heading: "", grade: 2, evidence: `speaks about topic w${i}` }],
  ...over,
});
const off: Question = { id: "off", query: "weather", kind: "unanswerable-offtopic", mustPass: false, relevant: [] };
const stale = ask(3, { id: "stale", relevant: [{ path: "removed.md", heading: "", grade: 2, evidence: "a b c d" }] });
const questions = [ask(0), ask(5, { mustPass: true }), ask(11), off, stale];

describe("scoreQuestions", () => {
  it("retrieves to depth, labels candidates, and scores the same candidates with the reranker", async () => {
    const { scored } = await scoreQuestions(questions, parts, quietContext());
    const q5 = scored[1]!;
    expect(q5.candidates.map((c) => c.position)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(q5.candidates.filter((c) => c.relevant).map((c) => c.position)).toEqual([5]);
    expect(q5.candidates.filter((c) => c.judgedPage).map((c) => c.position)).toEqual([4, 5]);
    expect(q5.rankings.dense[0]).toBe(5);
    expect(q5.logits.tuned?.indexOf(Math.max(...q5.logits.tuned))).toBe(5);
    expect(q5.logits.champion).toBeUndefined();
  });

  it("excludes stale questions and names them; measures latency only of reranked questions", async () => {
    const scoring = await scoreQuestions(questions, parts, quietContext());
    expect(scoring.scored.map((q) => q.id)).toEqual(["q0", "q5", "q11", "off"]);
    expect(scoring.stale).toEqual(["stale"]);
    expect(scoring.latency!.p95).toBeGreaterThanOrEqual(scoring.latency!.p50);
    expect((await scoreQuestions(questions, { ...parts, rerankers: {} }, quietContext())).latency).toBeNull();
  });

  it("stops between questions when cancelled", async () => {
    const context = { ...quietContext(), signal: AbortSignal.abort() };
    await expect(scoreQuestions(questions, parts, context)).rejects.toMatchObject({ code: "Cancelled" });
  });
});

describe("labelEffects", () => {
  const label = (verdict: "up" | "down", at: number, more: Partial<PassageLabel> = {}): PassageLabel => ({
    ...{ vote: `vote-${at}`, question: "what about 5", verdict, passage: `p${at}`, page: passages[at]!.page },
    textDigest: sha256(passages[at]!.text),
    ...more,
  });

  it("ranks a voted passage by the champion's own calibration before, and as the candidate serves after", async () => {
    const { scored } = await scoreQuestions(questions, parts, quietContext());
    const options = { source: "judged" as const, stale: 1, bootstrap: { resamples: 50, seed: 1 }, p95RerankMs: 1 };
    const assessment = assess(scored, { ...options, champion: NO_CHAMPION, frozen: null });
    const calibrated = { ...assessment, ranking: "reranked" as const };
    const trainDir = await mkdtemp(join(tmpdir(), "winnow-labels-"));
    await writeFile(join(trainDir, "labels.jsonl"), '{"vote":"vote-5","passage":"p5","fate":"trained"}\n');
    await writeFile(join(trainDir, "calibration.json"), JSON.stringify(assessment.calibrations));
    const labels = [
      label("up", 5),
      label("down", 0),
      label("up", 11),
      label("up", 6, { textDigest: "of another text" }),
    ];
    // The champion holds the first passage for the best one.
    const champion = { score: async (_: string, texts: string[]) => texts.map((_, at) => 5 - at) };
    const both = { ...parts, rerankers: { ...parts.rerankers, champion } };
    const args = { labels, trainDir, championRanking: "reranked" as const, championEvaluateDir: trainDir };
    const effects = await labelEffects(args, both, calibrated, quietContext());
    expect(effects.map(({ vote, before, after, fate }) => [vote, before, after, fate])).toEqual([
      ["vote-5", 6, 1, "trained"],
      ["vote-0", 1, expect.any(Number), null],
      ["vote-11", null, null, null],
    ]);
    expect(effects[1]!.after).toBeGreaterThan(1);
    const first = await labelEffects({ ...args, championEvaluateDir: null }, parts, calibrated, quietContext());
    expect(first[0]).toMatchObject({ before: null, after: 1, page: "page2.md", heading: ["Page", "Topic <5>"] });
    const html = votesSection(effects);
    expect(html).toContain("Of 3 voted passages, 2 moved as voted, 0 against it, and 0 stayed.");
    expect(html).toContain('<span class="gain">6 → 1</span>');
    expect(html).toContain("not in it: accepted later");
    expect(html).not.toContain("Topic <5>");
    const untrained = await labelEffects({ ...args, trainDir: null }, parts, calibrated, quietContext());
    expect(new Set(untrained.map(({ fate }) => fate))).toEqual(new Set(["no training"]));
    expect(votesSection(untrained)).toContain("none: the reranker is untrained");
    expect(votesSection([])).toBe("");
  });
});

describe("writeEvaluation", () => {
  let outDir: string;
  beforeAll(async () => {
    outDir = await mkdtemp(join(tmpdir(), "winnow-evaluation-"));
    const scoring = await scoreQuestions(questions, parts, quietContext());
    const settings = { depth: 8, resamples: 200, seed: 1 };
    const assessment = assess(scoring.scored, {
      source: "generated",
      stale: 1,
      bootstrap: settings,
      p95RerankMs: 1,
      champion: NO_CHAMPION,
      frozen: null,
    });
    const asked = questions.map((q) => (q.id === "q5" ? { ...q, query: `5 </td><script>alert(1)</script>` } : q));
    const content = evaluationContent({
      assessment,
      scoring,
      questions: asked,
      trained: [],
      settings,
      questionSet: "0",
      subject: {
        ...{ corpus: "docs", release: null, docs: "abc", at: "2026-11-30T10:00:00.000Z" },
        models: ["embedder small (0123456789ab)"],
      },
      before: null,
      votes: [],
      training: {
        losses: [
          { step: 1, loss: 2 },
          { step: 2, loss: 1.5 },
        ],
        validation: [{ step: 2, ndcg: 0.4 }],
      },
    });
    await writeEvaluation(outDir, content);
  });
  afterAll(() => rm(outDir, { recursive: true, force: true }));

  it("writes the summary with its evidence", async () => {
    const file: EvaluationFile = JSON.parse(await readFile(join(outDir, "evaluation.json"), "utf8"));
    expect(file).toMatchObject({ questions: 3, stale: 1, source: "generated" });
    expect(file.details).toMatchObject({ staleQuestions: ["stale"], calibration: "out-of-fold" });
    const tuned = file.ladder.find((row) => row.name === "tuned")!;
    expect(tuned.metrics["hit@1"].value).toBeCloseTo(2 / 3, 12);
    expect(tuned.metrics["recall@30"].value).toBeCloseTo(2 / 3, 12);
  });

  it("writes a calibration that can be read back", async () => {
    const calibrations = await readCalibrations(outDir);
    expect(calibrations.reranked?.features).toEqual(["cosine", "bm25Share"]);
    const { weights, scale } = calibrations.retrieval;
    expect(weights[1]! / scale[1]! / (weights[0]! / scale[0]!)).toBeCloseTo(1.4);
  });

  it("writes one line per question, including stale ones", async () => {
    const lines = await readJsonLines<QuestionLine>(join(outDir, "questions.jsonl"));
    expect(lines.map((line) => [line.id, line.stale])).toEqual([
      ["q0", false],
      ["q5", false],
      ["q11", false],
      ["off", false],
      ["stale", true],
    ]);
    expect(lines[1]!.served.reranked!.mustPassPassed).not.toBeNull();
    expect(lines[1]!.metrics.tuned!["hit@1"]).toBe(1);
    expect(lines[3]!.metrics).toEqual({});
  });

  it("writes a report that runs no script, escapes everything, and states where it is optimistic", async () => {
    const html = await readFile(join(outDir, "report.html"), "utf8");
    expect(html).toMatch(/default-src 'none'/);
    expect(html).not.toMatch(/<script|<link|src="http/i);
    expect(html).toContain("&lt;/td&gt;&lt;script&gt;");
    expect(html).toMatch(/Not measured\..*nothing here says how well questions of people are answered/);
    expect(html).not.toContain("answerable questions are answered from a judged passage");
    expect(html).toMatch(/<details><summary>Figures on generated questions/);
    expect(html).toContain("Candidate of docs");
    expect(html).toContain("docs version: <b>abc</b>");
    expect(html).toContain("How the reranker was trained");
  });
});

describe("readCalibrations", () => {
  it("names the file that does not parse", async () => {
    await expect(readCalibrations("/nowhere")).rejects.toMatchObject({ code: "CorruptArtifact" });
  });
});
