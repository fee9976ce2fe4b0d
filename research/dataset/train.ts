/**
 * Trains the reranker on graded groups, from the untrained start:
 *   npm run dataset:train -- --groups FILE [--groups ...] --out DIR [--questions N] [--seed N] [--loss graded|listwise]
 * A file is the `--out` of dataset:groups. The last weights are kept; nothing is chosen here.
 */
import { parseArgs } from "node:util";
import { readCliConfig } from "../../config/cliConfig.ts";
import type { TrainingGroup } from "../../core/artifacts/groups.ts";
import { readJsonLines } from "../../core/base/jsonl.ts";
import { seededRandom, shuffled } from "../../core/base/random.ts";
import { descending } from "../../core/judging/scored.ts";
import { embedderDir } from "../../core/models/locate.ts";
import { trainCrossEncoder } from "../../core/training/loop/trainer.ts";

/** What a grade says of P(relevant), for the loss `graded`; and its score, for the softmax of `listwise`. */
const CHANCES = [0, 0.05, 0.5, 1];
const TEMPERATURE = 0.5;

interface GradedGroup {
  id: string;
  question: string;
  passages: string[];
  grades: number[];
  /** With `--fused` of dataset:groups. */
  fused?: number[];
}

/** The untrained logits at which an answer is as likely as not, and the weight of retrieval beside them: logistic fits on etcd. */
const LEVEL = { alone: 14.2, withRetrieval: 20.7 };
const RETRIEVAL = 4.7;

const text = { type: "string" } as const;
const { values: options } = parseArgs({
  options: {
    groups: { ...text, multiple: true },
    out: text,
    base: text,
    questions: text,
    seed: { ...text, default: "17" },
    loss: { ...text, default: "graded" },
    epochs: { ...text, default: "2" },
    rate: { ...text, default: "2e-5" },
    headRate: { ...text, default: "2e-4" },
    passages: { ...text, default: "8" },
    frozen: { ...text, default: "0" },
    threads: { ...text, default: "0" },
  },
});
if (!options.groups || !options.out) {
  console.error("dataset:train needs --groups FILE and --out DIR");
  process.exit(2);
}

function lesson({ question, passages, grades, fused }: GradedGroup): TrainingGroup[] {
  const order = descending(grades);
  const best = grades[order[0]!]!;
  if (options.loss !== "graded" && best < 2) return [];
  const scoreOf = (grade: number) => (options.loss === "graded" ? CHANCES[grade]! : grade / TEMPERATURE);
  return [
    {
      question,
      passages: order.map((at) => passages[at]!),
      scores: order.map((at) => scoreOf(grades[at]!)),
      prior: order.map((at) => RETRIEVAL * (fused?.[at] ?? 0) - (fused ? LEVEL.withRetrieval : LEVEL.alone)),
    },
  ];
}

const read = (await Promise.all(options.groups.map((file) => readJsonLines<GradedGroup>(file)))).flat();
const seed = Number(options.seed);
const chosen = shuffled(read, seededRandom(seed)).slice(0, Number(options.questions ?? read.length));
const groups = chosen.flatMap(lesson);
let told = 0;
const report = await trainCrossEncoder(
  {
    baseDir: options.base ?? embedderDir(readCliConfig(process.env).cache),
    groups,
    validation: [],
    outDir: options.out,
    checkpointDir: `${options.out}.checkpoints`,
    budgetMinutes: 600,
    seed,
    loss: options.loss as "graded" | "listwise",
    residual: 0,
    distillation: 1,
    maxEpochs: Number(options.epochs),
    learningRate: Number(options.rate),
    headLearningRate: Number(options.headRate),
    passagesPerQuestion: Number(options.passages),
    frozenLayers: Number(options.frozen),
    threads: Number(options.threads),
    checkpointSeconds: 120,
  },
  {
    signal: new AbortController().signal,
    progress: ({ step, of, note }) => {
      if (Date.now() - told < 30_000) return;
      told = Date.now();
      console.log(`${new Date().toISOString().slice(11, 19)} ${step}/${of} ${note ?? ""}`);
    },
  },
);
const { steps, pairs, seconds, pairsPerSecond, losses } = report;
const mean = (part: { loss: number }[]) => part.reduce((sum, { loss }) => sum + loss, 0) / part.length;
console.log(JSON.stringify({ groups: groups.length, steps, pairs, seconds, pairsPerSecond }));
console.log(`loss ${mean(losses.slice(0, 20)).toFixed(3)} -> ${mean(losses.slice(-20)).toFixed(3)}`);
