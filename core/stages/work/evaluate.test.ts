import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Passage } from "../../../contracts/passage.ts";
import type { QuestionLine } from "../../artifacts/evaluation.ts";
import { readCalibrations } from "../../artifacts/evaluation.ts";
import { readJsonLines, writeJsonLines } from "../../base/jsonl.ts";
import { quietContext } from "../../base/progress.ts";
import type { RecallCurve } from "../../judging/recallByDepth.ts";
import { writeTinyModel } from "../../models/testing/tinyModel.ts";
import { integerProductsSaturate } from "../../onnx/integerProducts.ts";
import { EmbeddingCache } from "../../retrieval/embeddingCache.ts";
import { trainCrossEncoder } from "../../training/loop/trainer.ts";
import { buildIndex } from "./buildIndex.ts";
import { embedPassages } from "./embedPassages.ts";
import { type EvaluateArgs, evaluateCandidate, evaluateRelease } from "./evaluate.ts";
import { makeUntrained } from "./makeUntrained.ts";
import { scoreShard } from "./scoreShard.ts";

/** One thread: small models are slower with more. */
const alone = quietContext({ threads: 1 });

const THINGS = ["pod", "node", "job", "service"];
const COLOURS = ["red", "blue", "green"];
const passages: Passage[] = THINGS.flatMap((thing) =>
  COLOURS.map((colour) => ({
    id: `${thing}-${colour}`,
    page: `${thing}.md`,
    heading: [thing, colour],
    url: `/${thing}`,
    lines: [1, 1],
    text: `the ${thing} is ${colour}`,
  })),
);
const questions = [
  ...passages.map(({ id, page, heading, text }) => ({
    id,
    query: `what is ${heading[1]} ${heading[0]}`,
    kind: "lookup",
    mustPass: id === "pod-red",
    relevant: [{ path: page, heading: "", grade: 2, evidence: text }],
  })),
  ...["how do i", "create a", "delete the"].map((query, i) => ({
    id: `u${i}`,
    query,
    kind: "unanswerable-near",
    relevant: [],
  })),
];

describe("evaluation of artifacts on disk", () => {
  let root: string;
  let args: EvaluateArgs;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "winnow-evaluate-"));
    const at = (name: string) => join(root, name);
    for (const name of ["model", "ingest"]) await mkdir(at(name));
    await writeTinyModel(at("model"));
    await writeJsonLines(at("ingest/passages.jsonl"), passages);
    await writeJsonLines(at("questions.jsonl"), questions);
    const common = { passagesDir: at("ingest"), modelDir: at("model"), cacheDir: at("cache") };
    await embedPassages({ ...common, outDir: at("embed") }, alone);
    await buildIndex({ passagesDir: at("ingest"), embedDirs: [at("embed")], outDir: at("index") }, quietContext());
    const groups = passages.map((p) => ({
      question: `what is ${p.heading[1]} ${p.heading[0]}`,
      passages: [p.text, ...passages.filter((q) => q !== p && q.heading[0] === p.heading[0]).map((q) => q.text)],
    }));
    const training = { baseDir: at("model"), groups, validation: groups.slice(0, 3), outDir: at("train") };
    const budget = { checkpointDir: at("checkpoint"), budgetMinutes: 1, maxSteps: 2, seed: 3, threads: 1 };
    await trainCrossEncoder({ ...training, ...budget }, quietContext());
    await makeUntrained({ baseDir: at("model"), ingestDir: at("ingest"), outDir: at("untrained") }, quietContext());
    args = {
      ingestDir: at("ingest"),
      embedDirs: [at("embed")],
      buildIndexDir: at("index"),
      trainDir: at("train"),
      modelDir: at("model"),
      questionsFile: at("questions.jsonl"),
      generatedFile: null,
      outDir: at("evaluate"),
      resamples: 200,
    };
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it("writes a candidate's evaluation and gives the gate its evidence", async () => {
    const steps: number[] = [];
    const context = { ...alone, progress: (p: { step: number }) => steps.push(p.step) };
    const { summary, evidence, p95RerankMs } = await evaluateCandidate(args, context);
    expect(summary).toMatchObject({ questions: 12, stale: 0, source: "judged" });
    expect(summary.ladder.map((row) => row.name)).toContain("served");
    expect(summary.ladder.find((row) => row.name === "retrieval")!.metrics["recall@30"].value).toBe(1);
    expect(p95RerankMs).toBeGreaterThan(0);
    expect(evidence.vsChampion.reranked).toBeNull();
    const judged = (await integerProductsSaturate()) ? { questions: 0, pairs: 0 } : { questions: 15, pairs: 180 };
    expect(evidence.int8).toMatchObject(judged);
    const { precision } = await readCalibrations(args.outDir);
    expect(precision).toBe(evidence.int8!.accepted ? "int8" : "float32");
    expect(steps.at(-1)).toBe(15);
    const report = await readFile(join(args.outDir, "report.html"), "utf8");
    expect(report).toMatch(/^<!doctype html>/);
    expect(report).toContain("<h2>Recall by depth</h2>");
    expect(report).toContain("share answered of questions that the docs do not answer");
    const { details, abstention } = JSON.parse(await readFile(join(args.outDir, "evaluation.json"), "utf8"));
    expect(abstention.wrongEvidenceRate).toBe(summary.abstention.wrongEvidenceRate);
    const curves: RecallCurve[] = details.recallByDepth;
    expect(curves.map(({ name }) => name)).toEqual(["BM25", "dense", "rrf", "retrieval", "served"]);
    for (const { name, at } of curves)
      expect(at[29]).toBeCloseTo(summary.ladder.find((row) => row.name === name)!.metrics["recall@30"].value, 12);
  });

  it("rates a champion with the same reranker exactly as good, and scores it once", async () => {
    const outDir = join(root, "again");
    const { summary, evidence } = await evaluateCandidate(
      { ...args, outDir, championTrainDir: args.trainDir, championEvaluateDir: args.outDir },
      alone,
    );
    expect(summary.ladder.map((row) => row.name).slice(-3)).toEqual(["champion", "tuned", "served"]);
    expect(evidence.vsChampion.reranked).toEqual({ value: 0, low: 0, high: 0 });
    expect(evidence.mustPassLost.reranked).toEqual([]);
  });

  it("compares with the own evaluation of a champion that embeds otherwise", async () => {
    const before = join(root, "before");
    await cp(args.outDir, before, { recursive: true });
    const lines = await readJsonLines<QuestionLine>(join(before, "questions.jsonl"));
    const lost = lines.map((line) => ({ ...line, metrics: { ...line.metrics, served: { "ndcg@10": 0 } } }));
    await writeJsonLines(join(before, "questions.jsonl"), lost);
    const champion = { championTrainDir: args.trainDir, championEvaluateDir: before, championEmbedsOtherwise: true };
    const { summary, evidence } = await evaluateCandidate({ ...args, outDir: join(root, "moved"), ...champion }, alone);
    const served = summary.ladder.find(({ name }) => name === "served")!.metrics["ndcg@10"].value;
    expect(served).toBeGreaterThan(0);
    expect(evidence.vsChampion.reranked!.value).toBeCloseTo(served, 12);
  });

  it("scores no pair again, and gives the same result", async () => {
    const scores = { cacheDir: join(root, "scores"), code: "" };
    const evaluate = (name: string) => evaluateCandidate({ ...args, scores, outDir: join(root, name) }, alone);
    const first = await evaluate("scored");
    const stamps = await readdir(scores.cacheDir, { recursive: true });
    const second = await evaluate("known");
    expect(second).toEqual(first);
    expect(await readdir(scores.cacheDir, { recursive: true })).toEqual(stamps);
  });

  it("gives the same result from the scores of shards, which together cover every pair", async () => {
    const scores = { cacheDir: join(root, "here"), code: "" };
    const candidate = { ...args, scores, untrainedDir: join(root, "untrained") };
    const shards = [0, 1].map((index) => ({ index, of: 2, outDir: join(root, `shard-${index}`) }));
    for (const { outDir, ...shard } of shards) {
      const file = args.questionsFile!;
      const elsewhere = { cacheDir: join(outDir, "cache"), code: "" };
      const asked = { ...candidate, file, shard, outDir: join(outDir, "out"), scores: elsewhere };
      expect(await scoreShard(asked, alone)).toEqual({ questions: shard.index === 0 ? 8 : 7 });
    }
    const imports = shards.map(({ outDir }) => join(outDir, "out"));
    const models = await readdir(imports[0]!);
    // The tuned reranker, the untrained one and, if the processor supports it, the twin.
    expect(models).toHaveLength((await integerProductsSaturate()) ? 2 : 3);
    for (const model of models) {
      const pairs = new Set<string>();
      for (const folder of imports) await new EmbeddingCache(join(folder, model), 1).each((key) => pairs.add(key));
      expect(pairs.size).toBe(180);
    }
    const evaluate = (outDir: string, more = {}) =>
      evaluateCandidate({ ...candidate, outDir, scores: { ...scores, ...more } }, alone);
    const sharded = await evaluate(join(root, "sharded"), { imports });
    const whole = await evaluate(join(root, "whole"), { cacheDir: join(root, "elsewhere") });
    for (const part of ["ladder", "paired", "abstention", "questions"] as const)
      expect(sharded.summary[part]).toEqual(whole.summary[part]);
  });

  it("serves the untrained reranker if fine-tuning gained nothing, and only then", async () => {
    const outDir = join(root, "untuned");
    const untrainedDir = join(root, "untrained");
    const generated = { questionsFile: null, generatedFile: args.questionsFile, untrainedDir };
    const { summary, evidence } = await evaluateCandidate({ ...args, ...generated, outDir }, alone);
    expect(summary.reranker).toBe("untrained");
    expect(evidence.fineTuning!.difference!.value).toBeLessThan(0.04);
    const { precision } = await readCalibrations(outDir);
    expect(precision).toBe(evidence.int8!.accepted ? "int8" : "float32");

    const release = { ...args, trainDir: untrainedDir, rerankerRole: "untrained" as const, evaluateDir: outDir };
    const served = await evaluateRelease(
      { ...release, questionsFile: args.questionsFile!, ranking: "reranked", outDir: join(root, "as-served") },
      alone,
    );
    expect(served.summary.ladder.at(-1)!.name).toBe("served");
    const row = (of: typeof summary, name: string) => of.ladder.find((r) => r.name === name)!.metrics["ndcg@10"].value;
    expect(served.summary.reranker).toBe("untrained");
    expect(row(served.summary, "untrained")).toBeCloseTo(row(summary, "untrained"), 6);

    const scores = { cacheDir: join(root, "both"), code: "" };
    const judged = { ...args, untrainedDir, outDir: join(root, "tuned"), scores };
    const tuned = await evaluateCandidate(judged, alone);
    expect(tuned.summary.reranker).toBe("tuned");
    // If the tuned twin serves, the untrained twin was scored too: two models in two precisions.
    if (tuned.evidence.int8!.accepted) expect(await readdir(scores.cacheDir)).toHaveLength(4);
  });

  it("labels results on generated questions, and the substitutes for unanswerable ones", async () => {
    const generatedFile = join(root, "generated.jsonl");
    await writeJsonLines(
      generatedFile,
      questions.filter(({ relevant }) => relevant.length > 0),
    );
    const generated = { ...args, questionsFile: null, generatedFile, outDir: join(root, "gen") };
    const { summary } = await evaluateCandidate({ ...generated, allPages: true }, alone);
    expect([summary.source, summary.allPages, summary.abstention.standIns]).toEqual(["generated", true, true]);
    const report = await readFile(join(root, "gen", "report.html"), "utf8");
    expect(report).toContain("with its judged pages removed");
    expect(report).toContain("made from all pages, as no page could be held out");
    expect(report).not.toContain("made from pages kept out of training");
  });

  it("evaluates retrieval alone without a reranker", async () => {
    const bare = { ...args, trainDir: null, outDir: join(root, "bare") };
    const { summary, ranking, p95RerankMs } = await evaluateCandidate(bare, alone);
    expect(summary.ladder.map((row) => row.name)).toEqual([
      "BM25",
      "dense",
      "rrf",
      "weighted",
      "feedback",
      "retrieval",
    ]);
    expect([ranking, p95RerankMs]).toEqual(["retrieval", null]);
  });

  it("evaluates a release with its own calibration, and states if that was fitted on these questions", async () => {
    const questionsFile = join(root, "other.jsonl");
    await writeJsonLines(questionsFile, questions.slice(3));
    const release = { ...args, rerankerRole: "tuned" as const, evaluateDir: args.outDir, ranking: "reranked" as const };
    const use = async (file: string, outDir: string) => {
      await evaluateRelease({ ...release, questionsFile: file, outDir }, alone);
      return JSON.parse(await readFile(join(outDir, "evaluation.json"), "utf8")).details.calibration;
    };
    const told = await evaluateRelease(
      { ...release, questionsFile: args.questionsFile!, outDir: join(root, "told") },
      alone,
    );
    expect(told.summary.calibration).toBe("in-sample");
    expect(await use(questionsFile, join(root, "frozen"))).toBe("frozen");
    expect(await use(args.questionsFile!, join(root, "sample"))).toBe("in-sample");
    const before = await readFile(join(args.outDir, "calibration.json"), "utf8");
    expect(await readFile(join(root, "frozen", "calibration.json"), "utf8")).toBe(before);
    const lines = await readJsonLines<QuestionLine>(join(root, "frozen", "questions.jsonl"));
    expect(new Set(lines.map((l) => l.served.reranked!.threshold))).toEqual(
      new Set([JSON.parse(before).reranked.threshold]),
    );
  });

  it("leaves out, and names, questions that nearly equal one of a vote that the reranker was trained on", async () => {
    const label = { vote: "vote-1", passage: "pod-red", question: "What is the red pod?", fate: "trained" as const };
    const labels = join(args.trainDir!, "labels.jsonl");
    await writeJsonLines(labels, [label, { ...label, question: "what is blue node", fate: "judged" }]);
    const outDir = join(root, "trained");
    try {
      const release = {
        ...args,
        rerankerRole: "tuned" as const,
        evaluateDir: args.outDir,
        ranking: "reranked" as const,
      };
      const { summary } = await evaluateRelease({ ...release, questionsFile: args.questionsFile!, outDir }, alone);
      expect(summary.trained).toBeGreaterThan(0);
      expect(summary.questions).toBe(12 - summary.trained!);
      const { details } = JSON.parse(await readFile(join(outDir, "evaluation.json"), "utf8"));
      expect(details.trainedQuestions).toContain("pod-red");
      expect(details.trainedQuestions).toHaveLength(summary.trained!);
      const lines = await readJsonLines<QuestionLine>(join(outDir, "questions.jsonl"));
      expect(lines.map(({ id }) => id)).not.toContain("pod-red");
    } finally {
      await rm(labels);
    }
  });

  it("refuses a question set without evidence in these docs, naming the file", async () => {
    const questionsFile = join(root, "stale.jsonl");
    const gone = { ...questions[0]!, relevant: [{ path: "gone.md", heading: "", grade: 2 }] };
    await writeFile(questionsFile, JSON.stringify(gone));
    const evaluation = evaluateCandidate({ ...args, questionsFile, outDir: join(root, "none") }, alone);
    await expect(evaluation).rejects.toThrow(/stale\.jsonl has no answerable question.*1 are stale/);
  });
});
