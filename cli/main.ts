import { Command, InvalidArgumentError, Option } from "commander";
import { STAGES, type StageName } from "../contracts/names.ts";
import { type Action, action } from "./action.ts";
import { readConfig } from "./config.ts";
import { addConfigCommand } from "./configCommand.ts";
import { EXIT } from "./failure.ts";
import { number, positive, share, whole } from "./numbers.ts";
import { addReleaseCommands } from "./releaseCommands.ts";
import { addScheduleCommands } from "./scheduleCommands.ts";
import { addUpkeepCommands } from "./upkeepCommands.ts";

const CODES = `
Data goes to stdout, logs to stderr.
Exit codes: 0 done (also when the gate refused or nothing answers the question), 1 failed,
2 bad input, 3 Temporal unreachable, 4 busy (try again later), 130 cancelled.
Environment: WINNOW_HOME (all state), WINNOW_CACHE (downloads), TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,
WINNOW_LLM_BASE_URL, WINNOW_LLM_MODEL, WINNOW_LLM_API_KEY (an OpenAI-compatible endpoint), WINNOW_THREADS,
WINNOW_PROVIDER (cpu or cuda). All settings, and their values here: winnow config.`;

/** Parses the arguments, runs the command and sets the exit code. */
export async function main(argv: string[]): Promise<void> {
  await createProgram().parseAsync(argv);
}

/** Every command with its options; docs/reference/commands.md is generated from it. */
export function createProgram(): Command {
  const program = new Command("winnow")
    .description("Question answering over technical docs with a reranker fine-tuned on those docs.")
    .addHelpText("after", CODES)
    .exitOverride((stop) => process.exit(stop.exitCode === 0 ? EXIT.ok : EXIT.badInput));
  addPipelineCommands(program);
  addQuestionCommands(program);
  addScoringCommands(program);
  addTrainCommand(program);
  addStateCommands(program);
  addConfigCommand(program);
  addReleaseCommands(program);
  addUpkeepCommands(program);
  addScheduleCommands(program);
  return program;
}

function addPipelineCommands(program: Command): void {
  const run = program
    .command("run")
    .description("Run the pipeline to its end: ingest, embed, build-index, train, evaluate, deploy.");
  pipelineOptions(run.requiredOption("--docs <path>", "folder or .tar.gz of Markdown, or a git repository: URL#ref"))
    .addOption(new Option("--until <stage>", "last stage to run").choices(STAGES))
    .addOption(new Option("--only <stage>", "run this stage alone, on the artifacts that are there").choices(STAGES))
    .option("--force <stage...>", "run these stages although their cached result is valid", stages)
    .action(
      action(async (io, options) => {
        const { runCommand } = await import("./commands/run.ts");
        await runCommand(readConfig(), io, options as never);
      }),
    );
  pipelineOptions(
    program.command("up").description("Start Temporal, all workers and the pipeline, then serve until Ctrl-C."),
  )
    .option("--docs <path>", "your own docs instead of the sample")
    .option("--once", "end after the pipeline and the sample questions")
    .action(
      action(async (io, options) => {
        const { upCommand } = await import("./commands/up.ts");
        await upCommand(readConfig(), io, options as never);
      }),
    );
}

function pipelineOptions(command: Command): Command {
  return command
    .option("--questions <path>", "question set to evaluate on: JSONL, or a folder in BEIR's or TREC's format")
    .option("--budget <minutes>", "training budget", positive)
    .option("--name <corpus>", "name of the corpus: releases of one name replace each other (default: from the path)")
    .option("--base-url <url>", "address the docs are published under")
    .option("--seed <n>", "seed of the training", whole)
    .addOption(
      new Option("--retrain <when>", "train again by the rule, in every run, or never (default: auto)").choices([
        "auto",
        "always",
        "never",
      ]),
    )
    .option("--pairs <file>", "labelled pairs (JSONL) to train on beside the docs' own questions")
    .option("--written <n>", "questions to have written by the configured LLM and trained on (default: 0)", whole)
    .option("--false-answers <share>", "share of unanswerable questions that may be answered, such as 0.05", share)
    .option("--strict", "keep pages that answer the question set out of training")
    .addOption(new Option("--gate <mode>", "manual: a person approves what is to serve").choices(["auto", "manual"]))
    .option("--approval-hours <n>", "how long a candidate waits for that (default: 168)", positive)
    .option("--json", "print one JSON document");
}

function addQuestionCommands(program: Command): void {
  onRelease(
    program.command("ask <question>").description("Answer a question from the docs, with citations and a receipt."),
  ).action(
    action(async (io, options, question) => {
      const { askCommand } = await import("./commands/ask.ts");
      await askCommand(readConfig(), io, question, options as never);
    }),
  );
  program
    .command("compare <topic>")
    .description("What the docs of two releases say differently about a topic; no LLM, no Temporal.")
    .requiredOption("--from <release>", "the older release")
    .requiredOption("--to <release>", "the newer release")
    .option("--k <n>", "passages of each to look at", positive)
    .option("--json", "print one JSON document")
    .action(
      action(async (io, options, topic) => {
        const { compareCommand } = await import("./commands/compare.ts");
        await compareCommand(readConfig(), io, topic, options as never);
      }),
    );
}

/** The options of every command that works on a release. */
function onRelease(command: Command): Command {
  return command
    .option("--release <id>", "this release instead of the champion")
    .option("--corpus <name>", "the champion of this corpus (default: the one promoted last)")
    .option("--json", "print one JSON document");
}

function addScoringCommands(program: Command): void {
  onRelease(
    program
      .command("search [question]")
      .description("The ranked passages for a question, with every score; no LLM, no Temporal."),
  )
    .option("--k <n>", "passages to show", positive, 30)
    .option("--questions <path>", "question set (JSONL, BEIR, TREC): one line of JSON a question")
    .action(
      action(async (io, options, question) => {
        const { searchCommand } = await import("./commands/search.ts");
        await searchCommand(readConfig(), io, question, options as never);
      }),
    );
  onRelease(
    program
      .command("rerank <question>")
      .description("Logit and probability of each passage for a question, best first."),
  )
    .requiredOption("--passages <file>", "one passage a line, as text or a JSON string; - reads stdin")
    .option("--model <folder>", "folder of a cross-encoder instead of a release's")
    .action(
      action(async (io, options, question) => {
        const { rerankCommand } = await import("./commands/rerank.ts");
        await rerankCommand(readConfig(), io, question, options as never);
      }),
    );
  onRelease(program.command("evaluate").description("Evaluate a release, as it serves, on a question set."))
    .requiredOption("--questions <path>", "question set: JSONL, or a folder in BEIR's or TREC's format")
    .option("--out <folder>", "folder for the report")
    .action(
      action(async (io, options) => {
        const { evaluateCommand } = await import("./commands/evaluate.ts");
        await evaluateCommand(readConfig(), io, options as never);
      }),
    );
}

function addTrainCommand(program: Command): void {
  program
    .command("train")
    .description("Fine-tune a cross-encoder on labelled pairs; no Temporal needed.")
    .requiredOption("--pairs <file>", 'JSONL of {"query", "positive", "negatives": [...]}')
    .requiredOption(
      "--base <folder>",
      "encoder or cross-encoder to start from (config.json, tokenizer.json, model.safetensors)",
    )
    .requiredOption("--out <folder>", "folder of the new model")
    .option("--budget <minutes>", "training budget", positive, 20)
    .option("--seed <n>", "seed of order, dropout and head", whole, 17)
    .option("--questions <file>", "judged question set: a pair that asks one of its questions fails the run")
    .addOption(new Option("--loss <name>", "default: listwise").choices(["listwise", "binary", "marginMse"]))
    .option("--distillation <share>", "share of listwise's target from the pairs' scores (default: 0.5)", number)
    .option("--learning-rate <rate>", "its peak (default: 2e-5)", positive)
    .option("--head-learning-rate <rate>", "that of a fresh head (default: 2e-4)", positive)
    .option("--questions-per-step <n>", "questions of one update (default: 4)", whole)
    .option("--passages <n>", "the positive and negatives of a question in a step (default: 8)", whole)
    .option("--max-tokens <n>", "longest pair; longer ones are cut and counted (default: 176)", whole)
    .option("--epochs <n>", "at most so often over all pairs, budget permitting (default: 4)", positive)
    .option("--patience <n>", "stop after so many validations without a better one (default: never)", whole)
    .option("--frozen-layers <n>", "layers from the embeddings up that keep their weights (default: 0)", whole)
    .option("--json", "print one JSON document")
    .action(
      action(async (io, options) => {
        const { trainCommand } = await import("./commands/train.ts");
        await trainCommand(readConfig(), io, options as never);
      }),
    );
}

function addStateCommands(program: Command): void {
  plain(program, "status", "What serves, what runs, and where to look.", async (io) => {
    const { statusCommand } = await import("./commands/status.ts");
    await statusCommand(readConfig(), io);
  });
  program
    .command("schema")
    .argument("<workflow>", "pipeline, ask, promote or rollback")
    .description("JSON Schema of the input a workflow is started with.")
    .option("--json", "print one JSON document, which it does anyway")
    .action(
      action(async (io, _, workflow) => {
        const { schemaCommand } = await import("./commands/schema.ts");
        await schemaCommand(io, workflow);
      }),
    );
  plain(program, "doctor", "What is there, which variant runs, and why.", async (io) => {
    const { doctorCommand } = await import("./commands/doctor.ts");
    await doctorCommand(readConfig(), io);
  });
}

/** A command without options of its own. */
function plain(program: Command, name: string, description: string, perform: Action): void {
  program.command(name).description(description).option("--json", "print one JSON document").action(action(perform));
}

function stages(text: string, before: StageName[] = []): StageName[] {
  if (!(STAGES as readonly string[]).includes(text))
    throw new InvalidArgumentError(`one of ${STAGES.join(", ")} is wanted.`);
  return [...before, text as StageName];
}
