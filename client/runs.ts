import type { Client, WorkflowExecutionInfo } from "@temporalio/client";
import { WorkflowNotFoundError } from "@temporalio/common";
import { corpusLockId, WORKFLOWS } from "../contracts/names.ts";
import type { PipelineResult } from "../contracts/pipeline.ts";
import { WinnowError } from "../core/base/errors.ts";
import { fact } from "./facts.ts";
import { type FollowOptions, followPipeline } from "./follow.ts";
import { resultOf } from "./outcome.ts";
import { jsonOf } from "./payloads.ts";
import { type NamedOptions, namedOptions } from "./runOptions.ts";

/** A pipeline run. */
export interface Run {
  workflowId: string;
  corpus: string | null;
  /** `running`, or how it ended: `completed`, `failed`, `cancelled`, `terminated`. */
  status: string;
  /** Outcome of a completed run: `promoted`, `refused`, `unchanged`, ... */
  outcome: string | null;
  /** Stage that it has reached. */
  stage: string | null;
  started: string;
  ended: string | null;
  options: NamedOptions;
}

/** A run that has not ended, with the input it was started with. */
export interface OpenRun {
  workflowId: string;
  corpus: string;
  started: string;
  /** As given, before defaults. */
  input: unknown;
  options: NamedOptions;
  /** A cancellation was requested, and it has not ended yet. */
  cancelling: boolean;
}

const RECENT = 20;
/** How long a cancelled run may take to end, which includes its stage's checkpoint. */
const CANCEL_MS = 45_000;

/** Open runs, then those that ended last. */
export async function listRuns(client: Client, { recent = RECENT } = {}): Promise<Run[]> {
  const open = await list(client, '= "Running"', Number.POSITIVE_INFINITY);
  const ended = await list(client, '!= "Running"', recent);
  return [...open, ...ended];
}

async function list(client: Client, status: string, most: number): Promise<Run[]> {
  const query = `WorkflowType = "${WORKFLOWS.pipeline}" AND ExecutionStatus ${status}`;
  const runs: Run[] = [];
  for await (const info of client.workflow.list({ query })) {
    if (runs.length >= most) break;
    runs.push(runOf(info, await inputOf(client, info.workflowId, info.runId)));
  }
  return runs;
}

function runOf(info: Omit<WorkflowExecutionInfo, "raw">, input: unknown): Run {
  const { workflowId, status, startTime, closeTime } = info;
  return {
    workflowId,
    corpus: fact(info, "corpus"),
    status: status.name.toLowerCase(),
    outcome: fact(info, "outcome"),
    stage: fact(info, "stage"),
    started: startTime.toISOString(),
    ended: closeTime?.toISOString() ?? null,
    options: namedOptions(input),
  };
}

/** The run that holds a corpus, or null. */
export async function openRun(client: Client, corpus: string): Promise<OpenRun | null> {
  const lock = await describe(client, corpusLockId(corpus));
  const holder = lock?.status.name === "RUNNING" ? lock.raw.workflowExecutionInfo?.parentExecution?.workflowId : null;
  return holder ? openRunOf(client, holder, corpus) : null;
}

/** The run with this id; null if it has ended. */
export async function openRunOf(client: Client, workflowId: string, corpus: string): Promise<OpenRun | null> {
  const run = await describe(client, workflowId);
  if (run?.status.name !== "RUNNING") return null;
  const cancelling = Boolean(run.raw.workflowExtendedInfo?.cancelRequested);
  const input = await inputOf(client, workflowId, run.runId);
  const started = run.startTime.toISOString();
  return { workflowId, corpus, started, input, options: namedOptions(input), cancelling };
}

/** The run with this id, open or ended; null for an unknown one. */
export async function describedRun(
  client: Client,
  workflowId: string,
): Promise<(Run & { cancelling: boolean }) | null> {
  const run = await describe(client, workflowId);
  if (run?.type !== WORKFLOWS.pipeline) return null;
  const cancelling = Boolean(run.raw.workflowExtendedInfo?.cancelRequested);
  return { ...runOf(run, await inputOf(client, workflowId, run.runId)), cancelling };
}

/** All open runs, the newest first. */
export async function openRuns(client: Client): Promise<OpenRun[]> {
  const query = `WorkflowType = "${WORKFLOWS.pipeline}" AND ExecutionStatus = "Running"`;
  const found: OpenRun[] = [];
  for await (const info of client.workflow.list({ query })) {
    const run = await openRunOf(client, info.workflowId, fact(info, "corpus") ?? "");
    if (run) found.push(run);
  }
  return found;
}

/** Follows a run to its end. Throws BadInput for an unknown id, and what `runPipeline` throws. */
export async function followRun(client: Client, workflowId: string, following: FollowOptions): Promise<PipelineResult> {
  await known(client, workflowId);
  return followPipeline(client, client.workflow.getHandle(workflowId), following);
}

/**
 * Cancels a run and waits until it has ended; after `deadlineMs` it is terminated. Gives how it ended; an ended run stays
 * as it is. Throws BadInput for an unknown id.
 */
export async function endRun(
  client: Client,
  workflowId: string,
  { how = "cancel", deadlineMs = CANCEL_MS, reason = "by winnow", signal }: EndOptions = {},
): Promise<string> {
  await known(client, workflowId);
  const handle = client.workflow.getHandle(workflowId);
  const isOpen = async () => (await handle.describe()).status.name === "RUNNING";
  if (await isOpen()) {
    const ended = resultOf(handle).catch(() => {});
    if (how === "cancel") {
      await handle.cancel();
      await Promise.race([ended, passed(deadlineMs, signal)]);
    }
    if (signal?.aborted) throw new WinnowError("Cancelled", `stopped while ${workflowId} was being cancelled`);
    if (await isOpen()) await handle.terminate(reason);
    await ended;
  }
  return (await handle.describe()).status.name.toLowerCase();
}

function passed(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    setTimeout(settle, ms).unref();
    if (signal?.aborted) settle();
    signal?.addEventListener("abort", () => settle(), { once: true });
  });
}

export interface EndOptions {
  /** `terminate` asks nobody: a stage that computes is stopped a moment later. */
  how?: "cancel" | "terminate";
  deadlineMs?: number;
  /** Kept in the history of a terminated run. */
  reason?: string;
  /** Ends the wait. */
  signal?: AbortSignal;
}

async function known(client: Client, workflowId: string): Promise<void> {
  const run = await describe(client, workflowId);
  if (run?.type !== WORKFLOWS.pipeline)
    throw new WinnowError("BadInput", `There is no run ${workflowId}. \`winnow runs\` lists them.`);
}

async function describe(client: Client, workflowId: string) {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Input of a workflow, from the first event of its history; undefined if it is gone, or its key is missing here. */
async function inputOf(client: Client, workflowId: string, runId: string): Promise<unknown> {
  try {
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: 1,
    });
    const [given] = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    return given && (await jsonOf(client, given));
  } catch {
    return undefined;
  }
}
