import type { Client } from "@temporalio/client";
import { STAGES, type StageName } from "../contracts/names.ts";
import type { FirstRelease, PipelineProgress, PipelineResult, StageReport } from "../contracts/pipeline.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";
import { type Heartbeat, lastBeat } from "./heartbeat.ts";
import { resultOf } from "./outcome.ts";
import { describedRun, type Run } from "./runs.ts";

/** A query of an ended run needs a worker, which may be gone. */
const QUERY_MS = 3000;

/** Stages whose artifacts a stage reads. */
export const NEEDS: Record<StageName, readonly StageName[]> = {
  ingest: [],
  embed: ["ingest"],
  "build-index": ["ingest", "embed"],
  train: ["ingest", "build-index"],
  evaluate: ["build-index", "train"],
  deploy: ["evaluate"],
};

/**
 * A stage of a run. `waiting`: its turn has not come. `stopped`: the run was cancelled or terminated in it. `none`: the
 * run ended before it, or was asked to stop before.
 */
export interface RunStage {
  name: StageName;
  state: "ran" | "skipped" | "running" | "waiting" | "failed" | "stopped" | "none";
  /** Why it ran or was skipped; null before it has ended. */
  why: string | null;
  /** Counts and metrics in one line; null before it has ended. */
  summary: string | null;
  seconds: number | null;
}

/** A run with its stages. */
export interface RunDetails extends Run {
  /** A cancellation was requested. */
  cancelling: boolean;
  stages: RunStage[];
  /** Progress of the stage under way; null between heartbeats and for an ended run. */
  beat: Heartbeat | null;
  /** What the stage under way does or waits for. */
  note: string | null;
  /** The release that serves before it is measured; null before it is decided. */
  first: FirstRelease | null;
  /** Result of a run that completed; null for others, or if its encryption key is missing here. */
  result: PipelineResult | null;
  /** Why the run failed; null for others. */
  failure: string | null;
  /** True if the stages could be read: from the result, or from the run by a worker. */
  known: boolean;
}

/**
 * A run and its stages, open or ended. Throws BadInput for an unknown id, TemporalUnreachable.
 *
 * @example
 * const { status, stages } = await runDetails(client, "pipeline-6f0a91c2");
 */
export async function runDetails(client: Client, workflowId: string): Promise<RunDetails> {
  const run = await describedRun(client, workflowId);
  if (run === null)
    throw new WinnowError("BadInput", `There is no run ${workflowId} any more: Temporal keeps runs for a time only.`);
  const handle = client.workflow.getHandle(workflowId);
  const ended = run.status !== "running";
  const { result, failure } = ended ? await outcomeOf(client, workflowId, run.status) : NO_OUTCOME;
  const query = () => handle.query<PipelineProgress>("progress");
  const asked = result ? null : await client.withDeadline(Date.now() + QUERY_MS, query).catch(() => null);
  const progress = asked ?? (result && { stage: null, note: null, stages: result.stages, first: result.first });
  const beat = ended ? null : await lastBeat(client, workflowId).catch(() => null);
  return {
    ...run,
    stages: stagesOf(run, progress?.stages ?? [], ended ? null : (progress?.stage ?? null)),
    ...{ beat, note: ended ? null : (progress?.note ?? null), first: progress?.first ?? null },
    ...{ result, failure, known: progress !== null },
  };
}

const NO_OUTCOME = { result: null, failure: null };

async function outcomeOf(
  client: Client,
  workflowId: string,
  status: string,
): Promise<Pick<RunDetails, "result" | "failure">> {
  try {
    return { result: await resultOf<PipelineResult>(client.workflow.getHandle(workflowId)), failure: null };
  } catch (error) {
    return { result: null, failure: status === "failed" ? messageOf(error) : null };
  }
}

/** The stage that a failed or cancelled run had reached is the one that its search attribute names. */
function stagesOf(
  { status, stage: reached, options }: Run,
  reports: readonly StageReport[],
  running: StageName | null,
): RunStage[] {
  const last = STAGES.indexOf((options.only ?? options.until ?? "deploy") as StageName);
  return STAGES.map((name, at) => {
    const report = reports.find((each) => each.name === name);
    if (report && name !== running) {
      const { why, summary, seconds, skipped } = report;
      return { name, state: skipped ? "skipped" : "ran", why, summary, seconds };
    }
    const nothing = { name, why: null, summary: null, seconds: null };
    if (name === running) return { ...nothing, state: "running" };
    if (status === "running") return { ...nothing, state: at > last ? "none" : "waiting" };
    if (status === "completed" || name !== reached) return { ...nothing, state: "none" };
    return { ...nothing, state: status === "failed" ? "failed" : "stopped" };
  });
}

/** Requests the cancellation of a run, which then ends by itself. Throws BadInput for an unknown id. */
export async function requestCancel(client: Client, workflowId: string): Promise<void> {
  if ((await describedRun(client, workflowId)) === null)
    throw new WinnowError("BadInput", `There is no run ${workflowId}.`);
  await client.workflow.getHandle(workflowId).cancel();
}

/** Address of a workflow in Temporal's Web UI. */
export function webUiOf(ui: string, namespace: string, workflowId: string): string {
  const path = ["namespaces", namespace, "workflows", workflowId].map(encodeURIComponent).join("/");
  return `${ui.replace(/\/+$/, "")}/${path}`;
}
