import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WinnowError } from "../../core/base/errors.ts";
import type { TaskContext } from "../../core/base/progress.ts";
import { passagesInMemory } from "../../core/retrieval/testing/passagesInMemory.ts";
import { Engine } from "../../core/serving/engine.ts";
import { CALIBRATIONS } from "../../core/serving/testing/engineFixture.ts";
import type { EvaluationOutcome } from "../../core/stages/work/evaluate.ts";
import type { TrainingReport } from "../../core/training/loop/trainingReport.ts";
import { evaluation } from "../workflows/evaluation.ts";

// Small versions of the stages: they write the same files at the pace a test needs, without weights. The tests cover
// everything around them: processes, checkpoints, publishing, promotion.

interface Folders {
  outDir: string;
}

const wait = (ms: number) => new Promise((settle) => setTimeout(settle, ms));

function write(outDir: string, name: string, text: string): void {
  writeFileSync(join(outDir, name), text);
}

const STEPS = 40;

/** Takes the budget for steps with a checkpoint after each, like training. */
async function trainSlowly(
  args: Folders & { checkpointDir: string; budgetMinutes: number },
  ctx: TaskContext,
): Promise<TrainingReport> {
  const checkpoint = join(args.checkpointDir, "step");
  mkdirSync(args.checkpointDir, { recursive: true });
  const resumedFrom = existsSync(checkpoint) ? Number(readFileSync(checkpoint, "utf8")) : null;
  for (let step = (resumedFrom ?? 0) + 1; step <= STEPS; step++) {
    if (ctx.signal.aborted) throw new WinnowError("Cancelled", `stopped at step ${step}`);
    await wait((args.budgetMinutes * 60_000) / STEPS);
    writeFileSync(checkpoint, `${step}`);
    ctx.progress({ step, of: STEPS, note: `pid ${process.pid}` });
  }
  write(args.outDir, "resumed-from", `${resumedFrom}`);
  write(args.outDir, "weights", "the same, however often it was interrupted");
  return {
    steps: STEPS,
    pairs: STEPS * 8,
    cutPairs: 0,
    maxTokens: 176,
    leftOut: { groups: 0, negatives: 0 },
    seconds: 6,
    pairsPerSecond: (STEPS * 8) / 6,
    losses: [{ step: 1, loss: 2 }],
    validation: [],
    bestStep: STEPS,
    stoppedEarly: false,
    base: "none",
    resumedFrom,
  };
}

export const tasks = {
  async ingest({ outDir }: Folders) {
    write(outDir, "passages.jsonl", '{"id":"p1","heading":["Docs"],"text":"one"}\n');
    write(outDir, "pages.jsonl", '{"page":"index.md","digest":"d"}\n');
    write(outDir, "quarantine.jsonl", "");
    return { pages: 1, passages: 1, quarantined: 0 };
  },
  /** Runs while the state folder has a file `hold-embed`. */
  async embed({ outDir }: Folders, ctx: TaskContext) {
    for (let step = 1; existsSync(join(outDir, "..", "..", "..", "hold-embed")); step++) {
      if (ctx.signal.aborted) throw new WinnowError("Cancelled", "stopped");
      ctx.progress({ step, of: STEPS, note: `pid ${process.pid}` });
      await wait(50);
    }
    write(outDir, "vectors.f32", "0000");
    return { count: 1, embedded: 1, dim: 1 };
  },
  async buildIndex({ outDir }: Folders) {
    write(outDir, "index.faiss", "index");
    return { kind: "flat", backend: "exact", count: 1, recallAt100: 1, fallback: null };
  },
  /** The docs of these tests give no question, so nothing serves before the release of the whole run. */
  async firstCalibration() {
    return { source: "generated", questions: 0, questionSet: null };
  },
  async writeQuestions({ outDir, count }: Folders & { count: number }) {
    const requests = Array.from({ length: count }, (_, n) => ({
      passageId: "p1",
      style: "howto",
      heading: ["Pumps"],
      text: `Pump ${n} is started from the console.`,
    }));
    write(outDir, "requests.jsonl", requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
    return { requests: count, obstacle: null };
  },
  /** Two passages for each question that was written. */
  async gradeQuestions({ outDir, writtenDir }: Folders & { writtenDir: string }) {
    const passages = ["p1", "p2"].map((id) => ({ id, heading: ["Pumps"], text: `Pump ${id} has a console.` }));
    const lines = readFileSync(join(writtenDir, "written.jsonl"), "utf8").trim().split("\n");
    const requests = lines.map((line) => `${JSON.stringify({ ...JSON.parse(line), passages })}\n`);
    write(outDir, "requests.jsonl", requests.join(""));
    return { requests: requests.length };
  },
  async prepareTraining({ outDir }: Folders) {
    for (const name of ["groups.jsonl", "validation.jsonl"]) write(outDir, name, "{}\n");
    writeHeldout(outDir);
    return { groups: 1 };
  },
  async heldout({ outDir }: Folders) {
    writeHeldout(outDir);
    return { questions: 1, allPages: false };
  },
  train: trainSlowly,
  async untrained({ outDir }: Folders) {
    write(outDir, "weights", "as they were");
    return null;
  },
  async evaluate({ outDir }: Folders): Promise<EvaluationOutcome> {
    write(outDir, "evaluation.json", '{"details":{"questionSet":"s","staleQuestions":[]}}');
    write(outDir, "questions.jsonl", "");
    const better = { value: 0.1, low: 0.05, high: 0.2 };
    const evidence = {
      source: "judged" as const,
      questions: 1,
      rerankedVsRetrieval: null,
      rerankedVsWithoutLogit: null,
      vsChampion: { retrieval: better, reranked: better },
      p95RerankMs: null,
      mustPassLost: { retrieval: [], reranked: [] },
      mustPassFailed: { retrieval: [], reranked: [] },
      abstention: { retrieval: null, reranked: null },
      championAbstention: null,
    };
    return { summary: evaluation, evidence, ranking: "retrieval", p95RerankMs: null };
  },
};

function writeHeldout(outDir: string): void {
  write(outDir, "stats.json", "{}");
  const relevant = [{ path: "index.md", heading: "", grade: 2 }];
  write(outDir, "heldout.jsonl", `${JSON.stringify({ id: "q1", query: "one?", kind: "lookup", relevant })}\n`);
}

const passage = {
  id: "p1",
  page: "jobs.md",
  heading: ["Jobs"],
  url: "/jobs",
  lines: [1, 3] as [number, number],
  text: "A Job creates one or more pods and retries them until a given number of them has ended well.",
};

/** The real engine over an index of one passage, with nothing about tulips. */
function engineOf(release: string): Engine {
  const found = { passage, window: 0, position: 0, bm25: 4, bm25Share: 0.2, cosine: 0.7, fused: 0.03, rank: 1 };
  return new Engine({
    release,
    ranking: "retrieval",
    calibrations: CALIBRATIONS,
    retriever: {
      ...passagesInMemory([passage]),
      async retrieve(question) {
        const until = /held until (\S+)/.exec(question)?.[1];
        while (until && !existsSync(until)) await wait(50);
        return /tulips/.test(question) ? [] : [found];
      },
      scaled: (cosine: number) => cosine,
      close() {},
    },
    embedder: {
      dim: 1,
      embed: async ({ questions = [], passages = [] }) =>
        new Float32Array(questions.length + passages.length).fill(0.7),
      async close() {},
    },
    reranker: null,
  });
}

export const services = {
  engine: async ({ release }: { release: string }) => engineOf(release),
};
