import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { flag, json, parsed, required, text, withDefault } from "./declare.ts";
import { llm } from "./llmOption.ts";
import { corpus, natural, releaseId } from "./parse.ts";
import { verbose } from "./pipelineCommands.ts";

/** Options of every command that works on a release. */
const onRelease = {
  release: parsed("<id>", "this release instead of the champion", releaseId),
  corpus: parsed("<name>", "the champion of this corpus (default: the one promoted last)", corpus),
  json,
};

const compare = {
  from: required(parsed("<release>", "the older release", releaseId)),
  to: required(parsed("<release>", "the newer release", releaseId)),
  k: parsed("<n>", "passages of each release to compare", natural),
  json,
};

const search = {
  ...onRelease,
  k: withDefault(parsed("<n>", "passages to show", natural), 30),
  explain: flag("show every score of each passage"),
  questions: text("<path>", "question set (JSONL, BEIR, TREC): one line of JSON a question"),
};

const rerank = {
  ...onRelease,
  passages: required(
    text("<file>", "one passage a line, as text or a JSON string; - reads stdin. Empty lines count in `index`"),
  ),
  model: text("<folder>", "folder of a cross-encoder, used instead of a release's"),
};

const evaluate = {
  ...onRelease,
  questions: required(text("<path>", "question set: JSONL, or a folder in BEIR's or TREC's format")),
  out: text("<folder>", "folder for the report"),
  verbose,
};

/** `winnow ask`, `compare`, `search`, `rerank` and `evaluate`. */
export function addQuestionCommands(program: Command): void {
  addCommand(
    program,
    "ask <question>",
    "Answer a question from the docs, with citations and a receipt.",
    { ...onRelease, llm },
    async ({ config, io, options: { llm: model, ...choice }, texts: [question] }) => {
      const { askCommand } = await import("./commands/ask.ts");
      const { withLlm } = await import("./localLlm.ts");
      await askCommand(await withLlm(config, model, "joined workers"), io, question, choice);
    },
  );
  addCommand(
    program,
    "compare <topic>",
    "Differences between the docs of two releases on a topic; no LLM, no Temporal.",
    compare,
    async ({ config, io, options, texts: [topic] }) => {
      const { compareCommand } = await import("./commands/compare.ts");
      await compareCommand(config, io, topic, options);
    },
  );
  addScoringCommands(program);
}

function addScoringCommands(program: Command): void {
  addCommand(
    program,
    "search [question]",
    "The ranked passages for a question; no LLM, no Temporal.",
    search,
    async ({ config, io, options, texts: [question] }) => {
      const { searchCommand } = await import("./commands/search.ts");
      await searchCommand(config, io, question, options);
    },
  );
  addCommand(
    program,
    "rerank <question>",
    "Logit and probability of each passage for a question, best first.",
    rerank,
    async ({ config, io, options, texts: [question] }) => {
      const { rerankCommand } = await import("./commands/rerank.ts");
      await rerankCommand(config, io, question, options);
    },
  );
  addCommand(
    program,
    "evaluate",
    "Evaluate a release, as it serves, on a question set.",
    evaluate,
    async ({ config, io, options }) => {
      const { evaluateCommand } = await import("./commands/evaluate.ts");
      await evaluateCommand(config, io, options);
    },
  );
}
