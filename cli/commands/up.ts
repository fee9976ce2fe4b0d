import type { Client } from "@temporalio/client";
import { ask } from "../../client/ask.ts";
import type { RunOptions } from "../../client/run.ts";
import { proposedQuestion, sampleQuestions, sampleRun } from "../../client/sample.ts";
import { joinStack, type StackInfo } from "../../client/stack.ts";
import { connectClient } from "../../client/temporal.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { AskResult } from "../../contracts/ask.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { interrupted } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { renderAnswer } from "../renderAnswer.ts";
import { renderRun } from "../renderRun.ts";
import { renderStackEvent } from "../renderStack.ts";
import { bold, dim } from "../style.ts";
import { watchPipeline } from "./run.ts";

export interface UpOptions extends Partial<RunOptions> {
  /** Ends after the pipeline and the sample questions. */
  once?: boolean;
  /** Every row of the ladder, and the gate's criteria. */
  verbose?: boolean;
}

/** `winnow up`: starts everything, runs the pipeline, asks a few questions, and serves until Ctrl-C. */
export async function upCommand(config: CliConfig, io: Io, options: UpOptions): Promise<void> {
  const stack = await joinStack(config, (event) => io.log(renderStackEvent(event)));
  try {
    const client = await connectClient(stack.info.address, config);
    await runAndAsk(client, stack.info, config, io, options);
    if (stack.owned && !options.once) await serve(io);
    await client.connection.close();
  } finally {
    await stack.stop();
  }
}

async function runAndAsk(client: Client, info: StackInfo, config: CliConfig, io: Io, options: UpOptions) {
  const { docs } = options;
  const run = docs ? { ...options, docs, budget: options.budget ?? 20 } : sampleRun(options);
  io.log(`\nPipeline on ${docs ?? "the sample docs"} (training budget ${run.budget} min)`);
  const result = await watchPipeline(client, io, run);
  io.print((columns) => `\n${renderRun(result, config, { ...options, columns })}`);
  if (result.status === "already running") throw new WinnowError("BadInput", renderRun(result, config));
  const answers: { question: string; result: AskResult }[] = [];
  for (const question of !docs && result.release ? sampleQuestions() : []) {
    const answered = await io.busy("Asking", () => ask(client, question, { corpus: result.corpus, demo: true }));
    answers.push({ question, result: answered });
    io.print((columns) => `\n${rule(columns)}\n${bold(`? ${question}`)}\n\n${renderAnswer(answered)}`);
  }
  io.result({ ...result, answers, ui: info.uiUrl }, (columns) => nextSteps(info, result, columns));
}

/** A line across the text. */
function rule(columns: number): string {
  return dim("─".repeat(Math.min(72, columns)));
}

function nextSteps(info: StackInfo, result: PipelineResult, columns: number): string {
  const input = JSON.stringify({ question: proposedQuestion(), corpus: result.corpus });
  return [
    "",
    rule(columns),
    info.uiUrl
      ? `Web UI:        ${info.uiUrl}/namespaces/default/workflows/${result.workflowId}`
      : `Temporal:      ${info.address}`,
    `Ask:           npx winnow ask "${proposedQuestion()}"`,
    'See the ranks: npx winnow search "pod stuck in Pending"',
    "Your own docs: npm start -- --docs PATH   (or: npx winnow run --docs PATH --questions FILE)",
    `By Temporal:   temporal workflow execute --address ${info.address} --type ask --task-queue winnow --input '${input}'`,
  ].join("\n");
}

async function serve(io: Io): Promise<void> {
  io.log("\nServing. Ctrl-C stops the workers and the server; the releases stay.");
  await interrupted();
}
