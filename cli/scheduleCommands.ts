import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { alsoNamed, choice, flag, json, parsed, required } from "./declare.ts";
import { corpus, interval, positive, share } from "./parse.ts";
import { docs, ofEachRun } from "./pipelineCommands.ts";

const BY_TEMPORAL = `
Schedules belong to the Temporal server and run while workers do. The same with the \`temporal\` command,
which set-up puts into ~/.cache/winnow/bin:
  temporal schedule list
  temporal schedule describe --schedule-id winnow-NAME
  temporal schedule toggle   --schedule-id winnow-NAME --pause --reason "..."`;

const create = {
  ...ofEachRun,
  json,
  docs: alsoNamed(docs, "source"),
  every: required(parsed("<time>", "how often: 30m, 24h, 7d", interval)),
  corpus: parsed("<name>", "corpus that the runs release (default: the name of the schedule)", corpus),
  name: parsed("<name>", "name of the schedule (default: the corpus, or else from the docs)", corpus),
  falseAnswers: parsed("<share>", "share of unanswerable questions that may be answered, such as 0.05", share),
  retrain: choice("<when>", "train again by the rule, in every run, or never", ["auto", "always", "never"]),
  gate: choice("<who>", "who lets a candidate serve: the gate alone, or a person too", ["auto", "manual"]),
  approvalHours: parsed("<hours>", "hours that a candidate waits for approval", positive),
  paused: flag("create it paused"),
};

const CHANGES = [
  ["pause", "Start no more runs until `resume`."],
  ["resume", "Start runs again."],
  ["trigger", "Start a run now, unless one is under way."],
  ["delete", "Remove the schedule; releases and running runs stay."],
] as const;

/** `winnow schedule`: re-training on docs updates. */
export function addScheduleCommands(program: Command): void {
  const schedule = program
    .command("schedule")
    .description("Run the pipeline at intervals as the docs change.")
    .addHelpText("after", BY_TEMPORAL);
  addCommand(
    schedule,
    "create",
    "Create a schedule, or change the one with this name.",
    create,
    async ({ config, io, options }) => {
      const { scheduleCreateCommand } = await import("./commands/schedule.ts");
      await scheduleCreateCommand(config, io, options);
    },
  );
  addCommand(
    schedule,
    "list",
    "All schedules: corpus, docs, interval, last and next run.",
    { json },
    async ({ config, io }) => {
      const { scheduleListCommand } = await import("./commands/schedule.ts");
      await scheduleListCommand(config, io);
    },
  );
  for (const [change, description] of CHANGES)
    addCommand(schedule, `${change} <name>`, description, { json }, async ({ config, io, texts: [name] }) => {
      const { scheduleChangeCommand } = await import("./commands/schedule.ts");
      await scheduleChangeCommand(config, io, change, name);
    });
}
