import type { Command } from "commander";
import { STAGES } from "../contracts/names.ts";
import { addCommand } from "./action.ts";
import { choice, flag, json, parsed, required, several, text, withDefault } from "./declare.ts";
import { number, positive, share, stage, whole } from "./parse.ts";

/** Every row of the ladder, on each command that prints one. */
export const all = flag("show every row of the ladder");

/** Options of every command that runs the pipeline. */
const pipeline = {
  questions: text("<path>", "question set to evaluate on: JSONL, or a folder in BEIR's or TREC's format"),
  budget: parsed("<minutes>", "training budget", positive),
  name: text("<corpus>", "name of the corpus: releases of one name replace each other (default: from the path)"),
  baseUrl: text("<url>", "address the docs are published under"),
  seed: parsed("<n>", "seed of the training", whole),
  retrain: choice("<when>", "train again by the rule, in every run, or never (default: auto)", [
    "auto",
    "always",
    "never",
  ]),
  pairs: text("<file>", "labelled pairs (JSONL) to train on beside the docs' own questions"),
  written: parsed("<n>", "questions to have written by the configured LLM and trained on (default: 0)", whole),
  falseAnswers: parsed("<share>", "share of unanswerable questions that may be answered, such as 0.05", share),
  strict: flag("keep pages that answer the question set out of training"),
  gate: choice("<mode>", "manual: a person approves what is to serve", ["auto", "manual"]),
  approvalHours: parsed("<n>", "how long a candidate waits for that (default: 168)", positive),
  all,
  json,
};

const run = {
  docs: required(text("<path>", "folder or .tar.gz of Markdown, or a git repository: URL#ref")),
  ...pipeline,
  until: choice("<stage>", "last stage to run", STAGES),
  only: choice("<stage>", "run this stage alone, on the artifacts that are there", STAGES),
  force: several("<stage...>", "run these stages although their cached result is valid", stage),
};

const up = {
  ...pipeline,
  docs: text("<path>", "your own docs instead of the sample"),
  once: flag("end after the pipeline and the sample questions"),
};

const train = {
  pairs: required(text("<file>", 'JSONL of {"query", "positive", "negatives": [...]}')),
  base: required(
    text("<folder>", "encoder or cross-encoder to start from (config.json, tokenizer.json, model.safetensors)"),
  ),
  out: required(text("<folder>", "folder of the new model")),
  budget: withDefault(parsed("<minutes>", "training budget", positive), 20),
  seed: withDefault(parsed("<n>", "seed of order, dropout and head", whole), 17),
  questions: text("<file>", "judged question set: a pair that asks one of its questions fails the run"),
  loss: choice("<name>", "default: listwise", ["listwise", "binary", "marginMse"]),
  distillation: parsed("<share>", "share of listwise's target from the pairs' scores (default: 0.5)", number),
  learningRate: parsed("<rate>", "its peak (default: 2e-5)", positive),
  headLearningRate: parsed("<rate>", "that of a fresh head (default: 2e-4)", positive),
  questionsPerStep: parsed("<n>", "questions of one update (default: 4)", whole),
  passages: parsed("<n>", "the positive and negatives of a question in a step (default: 8)", whole),
  maxTokens: parsed("<n>", "longest pair; longer ones are cut and counted (default: 176)", whole),
  epochs: parsed("<n>", "at most so often over all pairs, budget permitting (default: 4)", positive),
  patience: parsed("<n>", "stop after so many validations without a better one (default: never)", whole),
  frozenLayers: parsed("<n>", "layers from the embeddings up that keep their weights (default: 0)", whole),
  json,
};

/** `winnow run` and `winnow up`. */
export function addPipelineCommands(program: Command): void {
  addCommand(
    program,
    "run",
    "Run the pipeline to its end: ingest, embed, build-index, train, evaluate, deploy.",
    run,
    async ({ config, io, options }) => {
      const { runCommand } = await import("./commands/run.ts");
      await runCommand(config, io, options);
    },
  );
  addCommand(
    program,
    "up",
    "Start Temporal, all workers and the pipeline, then serve until Ctrl-C.",
    up,
    async ({ config, io, options }) => {
      const { upCommand } = await import("./commands/up.ts");
      await upCommand(config, io, options);
    },
  );
}

/** `winnow train`. */
export function addTrainCommand(program: Command): void {
  addCommand(
    program,
    "train",
    "Fine-tune a cross-encoder on labelled pairs; no Temporal needed.",
    train,
    async ({ config, io, options }) => {
      const { trainCommand } = await import("./commands/train.ts");
      await trainCommand(config, io, options);
    },
  );
}
