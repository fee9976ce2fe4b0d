import { type Command, InvalidArgumentError, Option } from "commander";
import { action } from "./action.ts";
import { readConfig } from "./config.ts";
import { positive, share, whole } from "./numbers.ts";

const BY_TEMPORAL = `
Schedules belong to the Temporal server and run while workers do. The same without this command:
  temporal schedule list
  temporal schedule describe --schedule-id winnow-NAME
  temporal schedule toggle   --schedule-id winnow-NAME --pause --reason "..."`;

/** `winnow schedule`: re-training on docs updates. */
export function addScheduleCommands(program: Command): void {
  const schedule = program
    .command("schedule")
    .description("Run the pipeline again and again as the docs change.")
    .addHelpText("after", BY_TEMPORAL);
  creating(schedule);
  json(schedule.command("list").description("All schedules: what, how often, when last and next.")).action(
    action(async (io) => {
      const { listSchedules } = await import("./commands/schedule.ts");
      await listSchedules(readConfig(), io);
    }),
  );
  const changes = {
    pause: "Start no more runs until `resume`.",
    resume: "Start runs again.",
    trigger: "Start a run now, unless one is under way.",
    delete: "Remove the schedule; releases and running runs stay.",
  } as const;
  for (const [change, description] of Object.entries(changes))
    json(schedule.command(`${change} <name>`).description(description)).action(
      action(async (io, _, name) => {
        const { changeSchedule } = await import("./commands/schedule.ts");
        await changeSchedule(readConfig(), io, change as keyof typeof changes, name);
      }),
    );
}

function creating(schedule: Command): void {
  json(schedule.command("create"))
    .description("Make a schedule, or change the one of this name.")
    .requiredOption("--source <source>", "folder or .tar.gz of Markdown, or a git repository: URL#ref")
    .requiredOption("--every <time>", "how often: 30m, 24h, 7d", interval)
    .option("--name <corpus>", "name of the corpus and of the schedule (default: from the source)")
    .option("--questions <path>", "question set to evaluate on: JSONL, or a folder in BEIR's or TREC's format")
    .option("--budget <minutes>", "training budget", positive)
    .option("--pairs <file>", "labelled pairs (JSONL) to train on beside the docs' own questions")
    .option("--written <n>", "questions to have written by the configured LLM and trained on (default: 0)", whole)
    .option("--false-answers <share>", "share of unanswerable questions that may be answered, such as 0.05", share)
    .addOption(new Option("--retrain <when>", "train again by the rule, in every run, or never").choices(RETRAIN))
    .addOption(new Option("--gate <who>", "who lets a candidate serve: the gate alone, or a person too").choices(GATE))
    .option("--approval-hours <hours>", "how long a candidate waits for its approval", positive)
    .option("--base-url <url>", "address the docs are published under")
    .option("--paused", "make it paused")
    .action(
      action(async (io, options) => {
        const { createSchedule } = await import("./commands/schedule.ts");
        await createSchedule(readConfig(), io, options as never);
      }),
    );
}

const RETRAIN = ["auto", "always", "never"];
const GATE = ["auto", "manual"];
const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `30m`, `24h`, `7d`. */
export function interval(text: string): number {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit ?? ""] ?? Number.NaN);
  if (ms >= 60_000 && ms <= 366 * 86_400_000) return ms;
  throw new InvalidArgumentError("a time such as 30m, 24h or 7d is wanted.");
}

function json(command: Command): Command {
  return command.option("--json", "print one JSON document");
}
