import { randomUUID } from "node:crypto";
import type { Client } from "@temporalio/client";
import { QUEUES, type StageName, WORKFLOWS } from "../../contracts/names.ts";
import type { PipelineInput, PipelineResult } from "../../contracts/pipeline.ts";
import { parseSource, sourceName, sourceText } from "../../core/docs/sourceSpec.ts";
import { artifactPlace } from "../artifactPlace.ts";
import type { CliConfig } from "../config.ts";
import { followPipeline } from "../follow.ts";
import type { Io } from "../io.ts";
import { existing } from "../open.ts";
import { renderEvaluation, renderGate } from "../render.ts";
import { renderChanges } from "../renderChanges.ts";
import { useStack } from "../stack.ts";
import { connectClient } from "../temporal.ts";

export interface RunOptions {
  docs: string;
  name?: string;
  baseUrl?: string;
  questions?: string;
  budget?: number;
  seed?: number;
  strict?: boolean;
  pairs?: string;
  written?: number;
  retrain?: PipelineInput["retrain"];
  until?: StageName;
  only?: StageName;
  force?: StageName[];
  falseAnswers?: number;
  gate?: PipelineInput["gate"];
  approvalHours?: number;
}

/** Input of the workflow from the command's options, with absolute paths. Throws BadInput for a missing file. */
export function pipelineInput(options: RunOptions): Record<string, unknown> {
  const source = parseSource(options.docs, process.cwd());
  const docs = source.kind === "git" ? sourceText(source) : existing(options.docs, "docs");
  const questions = options.questions ? existing(options.questions, "questions") : undefined;
  const pairs = options.pairs ? existing(options.pairs, "pairs") : undefined;
  const input = {
    docs: { path: docs, name: options.name, baseUrl: options.baseUrl },
    questions,
    until: options.until,
    only: options.only,
    force: options.force,
    retrain: options.retrain,
    training: {
      budgetMinutes: options.budget,
      seed: options.seed,
      strict: options.strict,
      pairs,
      written: options.written,
    },
    falseAnswers: options.falseAnswers,
    gate: options.gate,
    approvalHours: options.approvalHours,
  } satisfies { [K in keyof PipelineInput]: unknown };
  return JSON.parse(JSON.stringify(input));
}

/** Starts `pipeline` and follows it to its end. Ctrl-C cancels the run. */
export async function runPipeline(client: Client, options: RunOptions): Promise<PipelineResult> {
  const stamp = new Date().toISOString().replace(/[-:]/g, "").slice(0, 15);
  const slug = options.name ?? sourceName(parseSource(options.docs, process.cwd()));
  const handle = await client.workflow.start(WORKFLOWS.pipeline, {
    workflowId: `pipeline-${slug}-${stamp}-${randomUUID().slice(0, 4)}`,
    taskQueue: QUEUES.main,
    args: [pipelineInput(options)],
    staticSummary: `Docs to release: ${slug}`,
    staticDetails:
      "ingest → embed → build-index → train → evaluate → deploy. Query `progress`; signals `pause`, `resume`.",
  });
  const cancel = () => {
    process.stderr.write("\ncancelling the run…\n");
    handle.cancel().catch(() => {});
  };
  process.once("SIGINT", cancel);
  process.once("SIGTERM", cancel);
  process.once("SIGHUP", cancel);
  try {
    return await followPipeline(client, handle);
  } finally {
    process.off("SIGINT", cancel);
    process.off("SIGTERM", cancel);
    process.off("SIGHUP", cancel);
  }
}

/** What a person wants to read of a run's result; `places` says where artifacts lie. */
export function renderRun(result: PipelineResult, places: Pick<CliConfig, "home" | "artifacts">): string {
  if (result.status === "already running")
    return `A run of corpus ${result.corpus} is already under way: ${result.workflowId}`;
  const parts: string[] = result.status === "unchanged" ? [result.reason, ""] : [];
  if (result.changes) parts.push(renderChanges(result.changes), "");
  if (result.evaluation) parts.push(renderEvaluation(result.evaluation), "");
  if (result.gate) parts.push(renderGate(result.gate), "");
  if (result.approval)
    parts.push(
      `Release ${result.release} of ${result.corpus} waits for a person: \`npx winnow releases approve --corpus ${result.corpus}\`, or reject.`,
    );
  else if (result.release)
    parts.push(
      `Release ${result.release} of ${result.corpus}${result.promoted ? " serves now" : " is kept, not promoted"}.`,
    );
  else parts.push(result.reason);
  for (const [stage, ref] of Object.entries(result.artifacts)) {
    if (stage === "evaluate") parts.push(`Report: ${artifactPlace(places, ref, "report.html")}`);
    if (stage === "train") parts.push(`Model:  ${artifactPlace(places, ref)}`);
  }
  return parts.join("\n");
}

export async function runCommand(config: CliConfig, io: Io, options: RunOptions): Promise<void> {
  pipelineInput(options);
  const stack = await useStack(config, io.log);
  try {
    const client = await connectClient(stack.info.address, config);
    const result = await runPipeline(client, options);
    io.result(result, () => renderRun(result, config));
    await client.connection.close();
  } finally {
    await stack.stop();
  }
}
