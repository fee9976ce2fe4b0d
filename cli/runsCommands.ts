import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { json } from "./declare.ts";

const BY_TEMPORAL = `
The same without this command, on the address that \`winnow status\` shows:
  temporal workflow list --query 'WorkflowType = "pipeline"'
  temporal workflow cancel --workflow-id RUN
  temporal workflow terminate --workflow-id RUN`;

/** `winnow runs` and its sub-commands. */
export function addRunsCommands(program: Command): void {
  const runs = addCommand(
    program,
    "runs",
    "Open and recent runs of the pipeline, with their options.",
    { json },
    async ({ config, io }) => {
      const { runsCommand } = await import("./commands/runs.ts");
      await runsCommand(config, io);
    },
  ).addHelpText("after", BY_TEMPORAL);
  addCommand(
    runs,
    "follow <id>",
    "Follow a run to its end. Ctrl-C ends the command, not the run.",
    { json },
    async ({ config, io, texts: [id] }) => {
      const { followCommand } = await import("./commands/runs.ts");
      await followCommand(config, io, id);
    },
  );
  const ENDS = [
    ["cancel", "Cancel a run: its stage saves what it can and stops."],
    ["terminate", "End a run at once, without its stage's consent: for one that does not react to cancel."],
  ] as const;
  for (const [how, description] of ENDS)
    addCommand(runs, `${how} <id>`, description, { json }, async ({ config, io, texts: [id] }) => {
      const { endCommand } = await import("./commands/runs.ts");
      await endCommand(config, io, how, id);
    });
}
