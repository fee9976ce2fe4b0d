import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AskResult } from "../../contracts/ask.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { type CliConfig, projectRoot } from "../config.ts";
import type { Io } from "../io.ts";
import { renderAnswer } from "../render.ts";
import { findStack, type Stack, type StackInfo, startStack } from "../stack.ts";
import { connectClient } from "../temporal.ts";
import { ask } from "./ask.ts";
import { type RunOptions, renderRun, runPipeline } from "./run.ts";

export interface UpOptions extends Partial<RunOptions> {
  once?: boolean;
}

/** Minutes of training on the sample docs: enough to see the loss fall, short enough for a first look. */
const SAMPLE_BUDGET_MINUTES = 1.5;

/** Starts everything, runs the pipeline, asks a few questions, and serves until Ctrl-C (or ends with `--once`). */
export async function upCommand(config: CliConfig, io: Io, options: UpOptions): Promise<void> {
  const running = await findStack(config);
  const stack: Stack = running
    ? { info: running, owned: false, stop: async () => {} }
    : await startStack(config, io.log);
  try {
    const run = runOptions(options);
    const isSample = options.docs === undefined;
    io.log(`\nPipeline on ${isSample ? "the sample docs" : run.docs} (training budget ${run.budget} min)`);
    const client = await connectClient(stack.info.address, config);
    const result = await runPipeline(client, run);
    if (!io.json) process.stdout.write(`\n${renderRun(result, config)}\n`);
    if (result.status === "already running") throw new WinnowError("BadInput", renderRun(result, config));
    const answers: { question: string; result: AskResult }[] = [];
    for (const question of isSample && result.release ? sampleQuestions() : []) {
      const answered = await ask(client, question, { corpus: result.corpus });
      answers.push({ question, result: answered });
      if (!io.json) process.stdout.write(`\n${"─".repeat(72)}\n? ${question}\n\n${renderAnswer(answered)}\n`);
    }
    io.result({ ...result, answers, ui: stack.info.uiUrl }, () => nextSteps(stack.info, result));
    if (stack.owned && !options.once) await untilInterrupted(io);
    await client.connection.close();
  } finally {
    await stack.stop();
  }
}

function runOptions(options: UpOptions): RunOptions & { budget: number } {
  if (options.docs) return { ...options, docs: options.docs, budget: options.budget ?? 20 };
  const samples = join(projectRoot, "samples");
  return {
    ...options,
    docs: join(samples, "docs"),
    name: options.name ?? "sample",
    questions: options.questions ?? join(samples, "questions.jsonl"),
    budget: options.budget ?? SAMPLE_BUDGET_MINUTES,
  };
}

interface SampleQuestion {
  query: string;
  kind: string;
}

/** Two answerable sample questions and one that the docs do not answer. */
function sampleQuestions(): string[] {
  const lines = readFileSync(join(projectRoot, "samples", "questions.jsonl"), "utf8")
    .trim()
    .split("\n");
  const questions = lines.map((line) => JSON.parse(line) as SampleQuestion);
  const answerable = questions.filter((question) => !question.kind.startsWith("unanswerable"));
  const unanswerable = questions.filter((question) => question.kind.startsWith("unanswerable"));
  return [answerable[0], answerable[Math.floor(answerable.length / 2)], unanswerable.at(-1)].flatMap((question) =>
    question ? [question.query] : [],
  );
}

function nextSteps(info: StackInfo, result: PipelineResult): string {
  const input = JSON.stringify({ question: "how do I run a one-off task to completion?", corpus: result.corpus });
  return [
    "",
    "─".repeat(72),
    info.uiUrl
      ? `Web UI:        ${info.uiUrl}/namespaces/default/workflows/${result.workflowId}`
      : `Temporal:      ${info.address}`,
    'Ask:           npx winnow ask "how do I run a one-off task to completion?"',
    'See the ranks: npx winnow search "pod stuck in Pending"',
    "Your own docs: npm start -- --docs PATH   (or: npx winnow run --docs PATH --questions FILE)",
    `By Temporal:   temporal workflow execute --address ${info.address} --type ask --task-queue winnow --input '${input}'`,
  ].join("\n");
}

function untilInterrupted(io: Io): Promise<void> {
  io.log("\nServing. Ctrl-C stops the workers and the server; the releases stay.");
  return new Promise((settle) => {
    process.once("SIGINT", () => settle());
    process.once("SIGTERM", () => settle());
    process.once("SIGHUP", () => settle());
  });
}
