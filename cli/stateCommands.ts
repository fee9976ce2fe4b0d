import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { flag, json } from "./declare.ts";

/** `winnow status`, `schema` and `doctor`. */
export function addStateCommands(program: Command): void {
  addCommand(
    program,
    "status",
    "What serves, runs and waits, with the addresses of the servers.",
    { json },
    async ({ config, io }) => {
      const { statusCommand } = await import("./commands/status.ts");
      await statusCommand(config, io);
    },
  );
  addCommand(
    program,
    "schema",
    "JSON Schema of a workflow's input, or of a line of a question set.",
    { json: flag("print one JSON document (always on)") },
    async ({ io, texts: [workflow] }) => {
      const { schemaCommand } = await import("./commands/schema.ts");
      await schemaCommand(io, workflow);
    },
  ).argument("<workflow>", "pipeline, ask, promote, rollback or questions");
  addCommand(
    program,
    "doctor",
    "Check the installation: which parts are present, which variant of each runs, and why.",
    { json },
    async ({ config, io }) => {
      const { doctorCommand } = await import("./commands/doctor.ts");
      await doctorCommand(config, io);
    },
  );
}
