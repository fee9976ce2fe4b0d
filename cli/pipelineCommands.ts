import type { Command } from "commander";
import { STAGES } from "../contracts/names.ts";
import { addCommand } from "./action.ts";
import { choice, flag, json, parsed, required, several, text, withDefault } from "./declare.ts";
import { llm } from "./llmOption.ts";
import {
  corpus,
  docsAddress,
  minutes,
  modelName,
  natural,
  number,
  port,
  positive,
  share,
  stage,
  whole,
} from "./parse.ts";

/** `--verbose`, an option of each command whose result has statistics. */
export const verbose = flag("show every statistic: all rows of the ladder, intervals and the gate's criteria");

const AGAIN = `
A run that was interrupted stays open. The same command follows it to its end; so does \`winnow up\` alone.
Without options of a run, \`winnow up\` serves the releases there are; the first time, it runs the sample docs.`;

/** Options of a run, whether a command or a schedule starts it. */
export const ofEachRun = {
  embedder: parsed(
    "<model>",
    "installed model that embeds passages and questions (default: auto, all-MiniLM-L6-v2)",
    modelName,
  ),
  reranker: parsed(
    "<model>",
    "installed model that the reranker starts from (default: auto, a trained base in the cache or all-MiniLM-L6-v2)",
    modelName,
  ),
  questions: text("<path>", "question set to evaluate on: JSONL, or a folder in BEIR's or TREC's format"),
  baseUrl: parsed("<url>", "address the docs are published under", docsAddress),
  budget: parsed(
    "<minutes>",
    "training budget; 0 trains nothing (default: 20 with --pairs, --written or accepted votes, else 0)",
    minutes,
  ),
  leastSteps: parsed("<n>", "skip training if budget or docs allow fewer steps (default: 100)", natural),
  pairs: text("<file>", "labelled pairs (JSONL) to train on in addition to the docs' own questions"),
  written: parsed("<n>", "training questions that the configured LLM writes (default: 0)", whole),
};

/** `--docs`, where they are required. */
export const docs = required(
  text("<path>", "folder, .tar.gz or one page of docs, git repository URL#ref, or sitemap URL"),
);

/** Options of every command that runs the pipeline. */
const pipeline = {
  ...ofEachRun,
  name: parsed(
    "<corpus>",
    "name of the corpus: releases of one name replace each other (default: from the path)",
    corpus,
  ),
  seed: parsed("<n>", "seed of the training (default: 17)", whole),
  retrain: choice("<when>", "train again by the rule, in every run, or never (default: auto)", [
    "auto",
    "always",
    "never",
  ]),
  falseAnswers: parsed(
    "<share>",
    "share of unanswerable questions that may be answered, such as 0.05 (default: fewest errors of both kinds)",
    share,
  ),
  strict: flag("keep pages that answer the question set out of training"),
  gate: choice("<mode>", "manual: a person approves a candidate before it serves (default: auto)", ["auto", "manual"]),
  approvalHours: parsed("<n>", "hours that a candidate waits for approval (default: 168)", positive),
  replace: flag("cancel the open run of this corpus, if there is one, and start anew (default: follow it)"),
  llm,
  verbose,
  json,
};

const run = {
  docs,
  ...pipeline,
  follow: flag(
    "follow the open run of this corpus, also one that another command started, instead of ending with exit code 4",
  ),
  until: choice("<stage>", "last stage to run", STAGES),
  only: choice("<stage>", "run only this stage, on existing artifacts", STAGES),
  force: several("<stage...>", "run these stages even if their cached result is valid", stage),
};

const up = {
  ...pipeline,
  docs: text("<path>", "docs to run the pipeline on (default: none if a release serves, else the sample)"),
  once: flag("end instead of serving"),
};

const serve = {
  port: parsed("<n>", "port of the API (default: 8090, or the next free one)", port),
  host: text("<address>", "address the API listens on; any but loopback needs WINNOW_HTTP_TOKENS (default: 127.0.0.1)"),
  allowedHosts: text("<names>", "names by which callers reach the API, such as that of a proxy, with commas"),
  llm,
  json,
};

const train = {
  pairs: required(text("<file>", 'JSONL of {"query", "positive", "negatives": [...]}')),
  base: required(
    text("<folder>", "encoder or cross-encoder to start from (config.json, tokenizer.json, model.safetensors)"),
  ),
  out: required(text("<folder>", "folder of the new model")),
  budget: withDefault(parsed("<minutes>", "training budget", positive), 20),
  seed: withDefault(parsed("<n>", "seed for order, dropout and head", whole), 17),
  questions: text("<file>", "judged question set: a pair that asks one of its questions fails the run"),
  loss: choice("<name>", "default: listwise", ["listwise", "binary", "marginMse"]),
  distillation: parsed(
    "<share>",
    "share of the listwise target that comes from the pairs' scores (default: 0.5)",
    number,
  ),
  learningRate: parsed("<rate>", "peak learning rate (default: 2e-5)", positive),
  headLearningRate: parsed("<rate>", "peak learning rate of a fresh head (default: 2e-4)", positive),
  questionsPerStep: parsed("<n>", "questions per update (default: 4)", whole),
  passages: parsed("<n>", "passages per question in a step: the positive and negatives (default: 8)", whole),
  maxTokens: parsed("<n>", "longest pair in tokens; longer ones are cut and counted (default: 176)", whole),
  epochs: parsed("<n>", "most passes over all pairs within the budget (default: 4)", positive),
  patience: parsed("<n>", "stop after this many validations without improvement (default: never)", whole),
  layers: choice(
    "<which>",
    "layers that learn, beside the head: joint are those that read question and passage together (default: all)",
    ["all", "joint"],
  ),
  frozenLayers: parsed("<n>", "lowest layers whose weights stay fixed when all learn (default: 0)", whole),
  json,
};

/** `winnow run`, `winnow up` and `winnow serve`. */
export function addPipelineCommands(program: Command): void {
  addCommand(
    program,
    "run",
    "Run the pipeline to its end: ingest, embed, build-index, train, evaluate, deploy.",
    run,
    async ({ config, io, options: { llm: model, ...options } }) => {
      const { runCommand } = await import("./commands/run.ts");
      const { withLlm } = await import("./localLlm.ts");
      await runCommand(await withLlm(config, model, "joined workers"), io, options);
    },
  );
  addCommand(
    program,
    "up",
    "Start Temporal, all workers and the API, run the pipeline if docs are given, and serve until Ctrl-C.",
    up,
    async ({ config, io, options: { llm: model, ...options } }) => {
      const { upCommand } = await import("./commands/up.ts");
      const { withLlm } = await import("./localLlm.ts");
      await upCommand(await withLlm(config, model, "started workers"), io, options);
    },
  ).addHelpText("after", AGAIN);
  addCommand(
    program,
    "serve",
    "Start Temporal, all workers and the API, and serve the releases there are, until Ctrl-C; no pipeline.",
    serve,
    async ({ config, io, options: { llm: model, json: _, ...options } }) => {
      const { serveCommand } = await import("./commands/serve.ts");
      const { withLlm } = await import("./localLlm.ts");
      await serveCommand(await withLlm(config, model, "started workers"), io, options);
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
