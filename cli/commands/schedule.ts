import { listReleases } from "../../client/releases.ts";
import {
  changeSchedule,
  createSchedule,
  listSchedules,
  type ScheduleChange,
  type ScheduleOptions,
  type ScheduleSummary,
} from "../../client/schedules.ts";
import { withServer } from "../../client/server.ts";
import type { CliConfig } from "../../config/cliConfig.ts";
import { AUTO } from "../../contracts/models.ts";
import { describeCost } from "../../core/training/questions/written/cost.ts";
import type { Io } from "../io.ts";
import { table } from "../table.ts";
import { minute } from "../times.ts";

const LIVES = "a schedule lives on one";
const PAST = { pause: "paused", resume: "resumed", trigger: "triggered", delete: "deleted" } as const;

/** `winnow schedule create`. */
export async function scheduleCreateCommand(config: CliConfig, io: Io, options: ScheduleOptions): Promise<void> {
  const cost = describeCost(options);
  if (cost) io.log(`In a run that trains: ${cost} Replies that are known cost nothing.`);
  await withServer(config, LIVES, async (client) => {
    const { schedule, existed } = await createSchedule(client, options);
    io.result(schedule, () => describe(schedule, existed ? "changed" : "created"));
    await warnOfNewCorpus(config, io, schedule.corpus);
  });
}

/** `winnow schedule list`. */
export async function scheduleListCommand(config: CliConfig, io: Io): Promise<void> {
  await withServer(config, LIVES, async (client) => {
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
  await withServer(config, LIVES, async (client) => {
    const schedule = await changeSchedule(client, change, name);
    if (change === "delete") io.result({ ...schedule, deleted: true }, () => `Schedule ${schedule.name} is deleted.`);
    else io.result(schedule, () => describe(schedule, PAST[change]));
  });
}

/** A corpus with a mistyped name would be released beside the one that serves. */
async function warnOfNewCorpus(config: CliConfig, io: Io, corpus: string): Promise<void> {
  const corpora = [...new Set((await listReleases(config)).map((release) => release.corpus))];
  if (corpora.length === 0 || corpora.includes(corpus)) return;
  io.log(`Corpus ${corpus} has no release yet. To follow ${corpora.join(" or ")}, give it by --corpus.`);
}

function describe(schedule: ScheduleSummary, state: string): string {
  const { name, corpus, source, everyMinutes, last, next, paused } = schedule;
  const run = state === PAST.trigger && last ? `, run ${last.workflowId}` : "";
  const when = paused ? "paused" : `next run ${moment(next)}`;
  const about = `corpus ${corpus} from ${source}${chosen(schedule)}, ${interval(everyMinutes)}, ${when}`;
  return `Schedule ${name} is ${state}${run}: ${about}.`;
}

/** The models that were chosen by name. */
function chosen({ models }: ScheduleSummary): string {
  const named = (["embedder", "reranker"] as const).filter((role) => models[role] !== AUTO);
  return named.map((role) => `, ${role} ${models[role]}`).join("");
}

function interval(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? "every day" : `every ${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? "every hour" : `every ${minutes / 60} hours`;
  return `every ${minutes} minutes`;
}

function moment(iso: string | null): string {
  return iso === null ? "not planned" : minute(iso);
}

function renderSchedules(schedules: ScheduleSummary[], columns: number): string {
  if (schedules.length === 0) return "No schedule yet. `winnow schedule create --every 24h --docs PATH` creates one.";
  const rows = schedules.map(({ name, corpus, source, everyMinutes, paused, last, next, running }) => [
    name,
    corpus,
    source,
    interval(everyMinutes),
    running.length > 0 ? "under way" : last ? moment(last.at) : "never",
    paused ? "paused" : moment(next),
  ]);
  return table(["schedule", "corpus", "docs", "runs", "last run", "next run"], rows, columns);
}
