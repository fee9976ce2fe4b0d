import type { Client, WorkflowExecutionInfo } from "@temporalio/client";
import { DEMO_PREFIX, QUEUES, WORKFLOWS } from "../contracts/names.ts";
import type { PipelineProgress, PipelineResult, StageReport } from "../contracts/pipeline.ts";
import { type QueueLoad, queueLoads } from "../core/upkeep/queueLoads.ts";
import { waitingCandidates } from "./approval.ts";
import { fact } from "./facts.ts";
import { type Heartbeat, lastBeat } from "./heartbeat.ts";
import { listSchedules, type ScheduleSummary } from "./schedules.ts";

const ASKED_HOURS = 24;

export interface RunningPipeline {
  workflowId: string;
  stage: string | null;
  /** Progress of the stage: `step` of `of`; the note of a training has loss, pairs/s and time left. */
  beat: Heartbeat | null;
  /** Wait reason when no activity runs. */
  note?: string | null;
  since: string;
}

/** The pipeline run that ended last. */
export interface LastRun {
  workflowId: string;
  corpus: string | null;
  /** Its outcome (`promoted`, `unchanged`, ...), otherwise its status: `failed`, `cancelled`, ... */
  outcome: string;
  at: string | null;
  /** Seconds of each stage; empty for a run without a result. */
  stages: Pick<StageReport, "name" | "seconds" | "skipped">[];
}

/** Questions of the last hours. `unsure` and `abstained` are null if the server lacks the attribute WinnowOutcome. */
export interface Asked {
  hours: number;
  questions: number;
  unsure: number | null;
  abstained: number | null;
  failed: number;
}

/** State of Winnow on a Temporal server at a point in time. */
export interface Overview {
  running: RunningPipeline[];
  /** Workflows in which a candidate waits for a person. */
  waiting: string[];
  lastRun: LastRun | null;
  /** Null when no server runs. */
  asked: Asked | null;
  queues: QueueLoad[];
  schedules: ScheduleSummary[];
}

/** Reads the state of Winnow from a server. */
export async function overviewOf(client: Client): Promise<Overview> {
  const [running, waiting, lastRun, asked, queues, schedules] = await Promise.all([
    runningPipelines(client),
    waitingCandidates(client),
    lastPipeline(client),
    askedLately(client),
    loadsOn(client),
    listSchedules(client),
  ]);
  return { running, waiting: waiting.map(({ workflowId }) => workflowId), lastRun, asked, queues, schedules };
}

async function runningPipelines(client: Client): Promise<RunningPipeline[]> {
  const found: RunningPipeline[] = [];
  const query = `WorkflowType = "${WORKFLOWS.pipeline}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId, startTime } of client.workflow.list({ query })) {
    const handle = client.workflow.getHandle(workflowId);
    const progress = await handle.query<PipelineProgress>("progress").catch(() => null);
    const beat = progress?.stage ? await lastBeat(client, workflowId).catch(() => null) : null;
    const note = beat ? null : (progress?.note ?? null);
    found.push({ workflowId, stage: progress?.stage ?? null, beat, note, since: startTime.toISOString() });
  }
  return found;
}

/** Servers list the run that ended last first. */
async function lastPipeline(client: Client): Promise<LastRun | null> {
  const query = `WorkflowType = "${WORKFLOWS.pipeline}" AND ExecutionStatus != "Running"`;
  for await (const run of client.workflow.list({ query, pageSize: 1 })) {
    const { workflowId, status, closeTime } = run;
    const outcome = fact(run, "outcome") ?? status.name.toLowerCase();
    const result = status.name === "COMPLETED" ? await resultOf(client, run) : null;
    const stages = (result?.stages ?? []).map(({ name, seconds, skipped }) => ({ name, seconds, skipped }));
    return { workflowId, corpus: fact(run, "corpus"), outcome, at: closeTime?.toISOString() ?? null, stages };
  }
  return null;
}

/** Its result, unless its encryption key is missing here. */
function resultOf(client: Client, { workflowId, runId }: WorkflowExecutionInfo): Promise<PipelineResult | null> {
  return client.workflow
    .getHandle(workflowId, runId)
    .result()
    .catch(() => null);
}

async function askedLately(client: Client): Promise<Asked> {
  const since = new Date(Date.now() - ASKED_HOURS * 3_600_000).toISOString();
  const count = async (more = "") => {
    const query = `WorkflowType = "${WORKFLOWS.ask}" AND StartTime > "${since}" AND WorkflowId NOT STARTS_WITH "${DEMO_PREFIX}"${more}`;
    return (await client.workflow.count(query)).count;
  };
  const [questions, unsure, abstained, failed] = await Promise.all([
    count(),
    // A server without the attribute refuses to search by it.
    count(' AND WinnowOutcome = "unsure"').catch(() => null),
    count(' AND WinnowOutcome = "abstained"').catch(() => null),
    count(' AND ExecutionStatus = "Failed"'),
  ]);
  return { hours: ASKED_HOURS, questions, unsure, abstained, failed };
}

async function loadsOn({ workflowService, options }: Client): Promise<QueueLoad[]> {
  const loads = Object.values(QUEUES).map((queue) =>
    queueLoads(queue, options.namespace, (request) => workflowService.describeTaskQueue(request)),
  );
  return (await Promise.all(loads)).flat();
}
