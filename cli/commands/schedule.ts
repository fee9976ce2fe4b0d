import {
  changeSchedule,
  createSchedule,
  listSchedules,
  type ScheduleChange,
  type ScheduleOptions,
  type ScheduleSummary,
  withServer,
} from "../../client/schedules.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import type { Io } from "../io.ts";
import { table } from "../table.ts";

const PAST = { pause: "paused", resume: "resumed", trigger: "triggered", delete: "deleted" } as const;

/** `winnow schedule create`. */
export async function scheduleCreateCommand(config: CliConfig, io: Io, options: ScheduleOptions): Promise<void> {
  await withServer(config, async (client) => {
    const { schedule, existed } = await createSchedule(client, options);
    io.result(schedule, () => describe(schedule, existed ? "changed" : "created"));
  });
}

/** `winnow schedule list`. */
export async function scheduleListCommand(config: CliConfig, io: Io): Promise<void> {
  await withServer(config, async (client) => {
    const schedules = await listSchedules(client);
    io.result({ schedules }, (columns) => renderSchedules(schedules, columns));
  });
}

/** `winnow schedule pause`, `resume`, `trigger` and `delete`. */
export async function scheduleChangeCommand(
  config: CliConfig,
  io: Io,
  change: ScheduleChange,
  name: string,
): Promise<void> {
  await withServer(config, async (client) => {
    const schedule = await changeSchedule(client, change, name);
    if (change === "delete") io.result({ ...schedule, deleted: true }, () => `Schedule ${schedule.name} is deleted.`);
    else io.result(schedule, () => describe(schedule, PAST[change]));
  });
}

function describe({ name, source, everyMinutes, last, next, paused }: ScheduleSummary, state: string): string {
  const run = state === PAST.trigger && last ? `, run ${last.workflowId}` : "";
  const when = paused ? "paused" : `next at ${next?.slice(0, 16)} UTC`;
  return `Schedule ${name} is ${state}${run}: ${source} every ${everyMinutes / 60} h, ${when}.`;
}

function renderSchedules(schedules: ScheduleSummary[], columns: number): string {
  if (schedules.length === 0) return "No schedule yet. `winnow schedule create --every 24h --source PATH` creates one.";
  const rows = schedules.map(({ name, source, everyMinutes, paused, last, next }) => [
    name,
    source,
    `${everyMinutes / 60} h`,
    paused ? "paused" : "active",
    last ? `${last.at.slice(0, 16)} ${last.workflowId}` : "never",
    paused || !next ? "" : next.slice(0, 16),
  ]);
  return table(["name", "source", "every", "state", "last (UTC)", "next (UTC)"], rows, columns);
}
