import type { Client, ScheduleDescription } from "@temporalio/client";
import { ScheduleNotFoundError, ScheduleOverlapPolicy } from "@temporalio/client";
import { QUEUES, WORKFLOWS } from "../../contracts/names.ts";
import { WinnowError } from "../../core/base/errors.ts";
import { parseSource, sourceName, sourceText } from "../../core/docs/sourceSpec.ts";
import type { CliConfig } from "../config.ts";
import type { Io } from "../io.ts";
import { table } from "../render.ts";
import { findStack } from "../stack.ts";
import { connectClient } from "../temporal.ts";
import { pipelineInput, type RunOptions } from "./run.ts";

export interface ScheduleOptions extends Omit<RunOptions, "docs"> {
  source: string;
  /** Milliseconds between runs. */
  every: number;
  paused?: boolean;
}

/** What `winnow schedule` says about one. */
export interface ScheduleSummary {
  name: string;
  id: string;
  source: string;
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
/** Share of the interval over which starts are spread, so that many schedules do not start as one. */
const JITTER = 0.02;
const MAX_JITTER_MS = 10 * 60_000;
const TRIGGER_MS = 10_000;

/** Makes a schedule, or gives the one of this name what was asked for. */
export async function createSchedule(config: CliConfig, io: Io, options: ScheduleOptions): Promise<void> {
  await withClient(config, async (client) => {
    const definition = definitionOf(options);
    const handle = client.schedule.getHandle(definition.scheduleId);
    const exists = await handle.describe().then(
      () => true,
      (error) => absent(error),
    );
    if (exists)
      await handle.update(({ state }) => ({
        ...definition,
        state: { ...state, paused: options.paused ?? state.paused },
      }));
    else await client.schedule.create({ ...definition, state: { paused: options.paused ?? false } });
    await tell(client, io, definition.scheduleId, exists ? "changed" : "made");
  });
}

/** The schedule as Temporal keeps it: a run still under way is not joined by another, and a failed one pauses it. */
export function definitionOf(options: ScheduleOptions) {
  const { source, every, name, paused: _paused, ...rest } = options;
  const spec = parseSource(source, process.cwd());
  const corpus = name ?? sourceName(spec);
  const docs = sourceText(spec);
  return {
    scheduleId: `${PREFIX}${corpus}`,
    spec: { intervals: [{ every }], jitter: Math.min(MAX_JITTER_MS, Math.round(every * JITTER)) },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP, pauseOnFailure: true } as const,
    action: {
      type: "startWorkflow" as const,
      workflowType: WORKFLOWS.pipeline,
      workflowId: `pipeline-${corpus}-scheduled`,
      taskQueue: QUEUES.main,
      args: [pipelineInput({ ...rest, docs, name: corpus })],
      staticSummary: `Docs to release: ${corpus}, on schedule`,
    },
  };
}

export async function listSchedules(config: CliConfig, io: Io): Promise<void> {
  await withClient(config, async (client) => {
    const schedules = await schedulesOn(client);
    io.result({ schedules }, () => {
      if (schedules.length === 0)
        return "No schedule yet. `winnow schedule create --every 24h --source PATH` makes one.";
      const rows = schedules.map(({ name, source, everyMinutes, paused, last, next }) => [
        name,
        source,
        `${everyMinutes / 60} h`,
        paused ? "paused" : "active",
        last ? `${last.at.slice(0, 16)} ${last.workflowId}` : "never",
        paused || !next ? "" : next.slice(0, 16),
      ]);
      return table(["name", "source", "every", "state", "last (UTC)", "next (UTC)"], rows);
    });
  });
}

/** Winnow's schedules among those of the server. */
export async function schedulesOn(client: Client): Promise<ScheduleSummary[]> {
  const schedules: ScheduleSummary[] = [];
  for await (const { scheduleId } of client.schedule.list())
    if (scheduleId.startsWith(PREFIX)) schedules.push(await summaryOf(client, scheduleId));
  return schedules;
}

export type ScheduleChange = "pause" | "resume" | "trigger" | "delete";

export async function changeSchedule(config: CliConfig, io: Io, change: ScheduleChange, name: string): Promise<void> {
  await withClient(config, async (client) => {
    const id = name.startsWith(PREFIX) ? name : `${PREFIX}${name}`;
    const handle = client.schedule.getHandle(id);
    const before = await summaryOf(client, id);
    if (change === "pause") await handle.pause("paused by winnow schedule pause");
    if (change === "resume") await handle.unpause("resumed by winnow schedule resume");
    if (change === "trigger") await handle.trigger(ScheduleOverlapPolicy.SKIP);
    if (change === "delete") {
      await handle.delete();
      io.result({ ...before, deleted: true }, () => `Schedule ${before.name} is deleted.`);
      return;
    }
    if (change === "trigger") await started(client, before);
    await tell(client, io, id, { pause: "paused", resume: "resumed", trigger: "triggered" }[change]);
  });
}

/** Waits until the triggered run is known, so that its id can be told; where one is under way none is started. */
async function started(client: Client, before: ScheduleSummary): Promise<void> {
  for (let waited = 0; waited < TRIGGER_MS && before.running.length === 0; waited += 200) {
    const now = await summaryOf(client, before.id);
    if (now.last && now.last.workflowId !== before.last?.workflowId) return;
    await new Promise((settle) => setTimeout(settle, 200));
  }
}

async function tell(client: Client, io: Io, id: string, state: string): Promise<void> {
  const summary = await summaryOf(client, id);
  const { name, source, everyMinutes, last, next, paused } = summary;
  const run = state === "triggered" && last ? `, run ${last.workflowId}` : "";
  const when = paused ? "paused" : `next at ${next?.slice(0, 16)} UTC`;
  io.result(summary, () => `Schedule ${name} is ${state}${run}: ${source} every ${everyMinutes / 60} h, ${when}.`);
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
  // What a run is given, and no memo: an update of the schedule changes no memo.
  const [input] = (action.args ?? []) as [{ docs?: { path?: string } }?];
  return {
    name: scheduleId.slice(PREFIX.length),
    id: scheduleId,
    source: input?.docs?.path ?? "",
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

/** Schedules live on a server that stays: the one named, or the one of `winnow up`. */
async function withClient(config: CliConfig, work: (client: Client) => Promise<void>): Promise<void> {
  const address = config.temporalAddress ?? (await findStack(config))?.address;
  if (!address)
    throw new WinnowError(
      "TemporalUnreachable",
      "No Temporal server runs here, and a schedule lives on one. Start it with `npx winnow up`, or set TEMPORAL_ADDRESS.",
    );
  const client = await connectClient(address, config);
  try {
    await work(client);
  } finally {
    await client.connection.close();
  }
}
