import type { Client, ScheduleDescription } from "@temporalio/client";
import { ScheduleNotFoundError, ScheduleOverlapPolicy } from "@temporalio/client";
import { AUTO } from "../contracts/models.ts";
import { QUEUES, WORKFLOWS } from "../contracts/names.ts";
import { WinnowError } from "../core/base/errors.ts";
import { parseSource, sourceName, sourceText } from "../core/docs/sourceSpec.ts";
import { pipelineInput, type RunOptions } from "./run.ts";

export interface ScheduleOptions extends RunOptions {
  /** Corpus that the runs release. Default: the name of the schedule. */
  corpus?: string;
  /** Milliseconds between runs. */
  every: number;
  paused?: boolean;
}

/** A schedule with its last and next run. */
export interface ScheduleSummary {
  name: string;
  id: string;
  corpus: string;
  source: string;
  /** Models that the runs build with, by name. */
  models: { embedder: string; reranker: string };
  everyMinutes: number;
  paused: boolean;
  note: string | null;
  /** Run started last, its start as ISO time. */
  last: { workflowId: string; at: string } | null;
  next: string | null;
  running: string[];
}

const PREFIX = "winnow-";
const CATCH_UP = "1 hour";
/** Share of the interval over which starts are spread, so that schedules do not all start at once. */
const JITTER = 0.02;
const MAX_JITTER_MS = 10 * 60_000;
const TRIGGER_MS = 10_000;

/**
 * Makes a schedule of pipeline runs, or changes the one of this name; `existed` says which. Throws BadInput for a missing
 * file.
 *
 * @example
 * await createSchedule(client, { docs: "https://github.com/kubernetes/website#main", every: 24 * 3_600_000 });
 */
export async function createSchedule(
  client: Client,
  options: ScheduleOptions,
): Promise<{ schedule: ScheduleSummary; existed: boolean }> {
  const definition = definitionOf(options);
  const handle = client.schedule.getHandle(definition.scheduleId);
  const existed = await handle.describe().then(
    () => true,
    (error) => absent(error),
  );
  if (existed)
    await handle.update(({ state }) => ({
      ...definition,
      state: { ...state, paused: options.paused ?? state.paused },
    }));
  else await client.schedule.create({ ...definition, state: { paused: options.paused ?? false } });
  return { schedule: await summaryOf(client, definition.scheduleId), existed };
}

/** Definition of the schedule in Temporal: runs do not overlap, and a failed run pauses it. */
export function definitionOf(options: ScheduleOptions) {
  const { docs: source, every, paused: _paused, corpus: followed, name: called, ...rest } = options;
  const spec = parseSource(source, process.cwd());
  const corpus = followed ?? called ?? sourceName(spec);
  const name = called ?? corpus;
  const docs = sourceText(spec);
  return {
    scheduleId: `${PREFIX}${name}`,
    spec: { intervals: [{ every }], jitter: Math.min(MAX_JITTER_MS, Math.round(every * JITTER)) },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP, pauseOnFailure: true } as const,
    action: {
      type: "startWorkflow" as const,
      workflowType: WORKFLOWS.pipeline,
      workflowId: `pipeline-${name}-scheduled`,
      taskQueue: QUEUES.main,
      args: [pipelineInput({ ...rest, docs, name: corpus })],
      staticSummary: `Docs to release: ${corpus}, on schedule`,
    },
  };
}

/** Winnow's schedules on the server. */
export async function listSchedules(client: Client): Promise<ScheduleSummary[]> {
  const schedules: ScheduleSummary[] = [];
  for await (const { scheduleId } of client.schedule.list())
    if (scheduleId.startsWith(PREFIX)) schedules.push(await summaryOf(client, scheduleId));
  return schedules;
}

export type ScheduleChange = "pause" | "resume" | "trigger" | "delete";

/**
 * Pauses, resumes, triggers or deletes a schedule. Gives its new state, for a deleted one the last. A triggered run is in
 * `last`; none starts while one is under way. Throws BadInput for an unknown name.
 */
export async function changeSchedule(client: Client, change: ScheduleChange, name: string): Promise<ScheduleSummary> {
  const id = name.startsWith(PREFIX) ? name : `${PREFIX}${name}`;
  const handle = client.schedule.getHandle(id);
  const before = await summaryOf(client, id);
  if (change === "pause") await handle.pause("paused by winnow schedule pause");
  if (change === "resume") await handle.unpause("resumed by winnow schedule resume");
  if (change === "trigger") {
    await handle.trigger(ScheduleOverlapPolicy.SKIP);
    await started(client, before);
  }
  if (change === "delete") {
    await handle.delete();
    return before;
  }
  return summaryOf(client, id);
}

/** Waits until the server lists the triggered run. If another run is under way, none starts. */
async function started(client: Client, before: ScheduleSummary): Promise<void> {
  for (let waited = 0; waited < TRIGGER_MS && before.running.length === 0; waited += 200) {
    const now = await summaryOf(client, before.id);
    if (now.last && now.last.workflowId !== before.last?.workflowId) return;
    await new Promise((settle) => setTimeout(settle, 200));
  }
}

async function summaryOf(client: Client, id: string): Promise<ScheduleSummary> {
  const found = await client.schedule
    .getHandle(id)
    .describe()
    .catch((error) => absent(error));
  if (!found)
    throw new WinnowError(
      "BadInput",
      `There is no schedule ${id.slice(PREFIX.length)}. \`winnow schedule list\` names them.`,
    );
  return summarize(found);
}

function summarize({ scheduleId, spec, action, state, info }: ScheduleDescription): ScheduleSummary {
  const last = info.recentActions.at(-1);
  // The run's input rather than a memo: updating a schedule leaves memos unchanged.
  const [input] = (action.args ?? []) as [
    { docs?: { path?: string; name?: string }; models?: Partial<ScheduleSummary["models"]> }?,
  ];
  return {
    name: scheduleId.slice(PREFIX.length),
    id: scheduleId,
    corpus: input?.docs?.name ?? "",
    source: input?.docs?.path ?? "",
    models: { embedder: AUTO, reranker: AUTO, ...input?.models },
    everyMinutes: Number(spec.intervals?.[0]?.every ?? 0) / 60_000,
    paused: state.paused,
    note: state.note ?? null,
    last: last ? { workflowId: last.action.workflow.workflowId, at: last.takenAt.toISOString() } : null,
    next: info.nextActionTimes[0]?.toISOString() ?? null,
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
  };
}

function absent(error: unknown): false {
  if (error instanceof ScheduleNotFoundError) return false;
  throw error;
}
