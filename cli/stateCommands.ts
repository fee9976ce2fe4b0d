import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { flag, json } from "./declare.ts";

/** `winnow status`, `schema` and `doctor`. */
export function addStateCommands(program: Command): void {
  addCommand(program, "status", "What serves, what runs, and where to look.", { json }, async ({ config, io }) => {
    const { statusCommand } = await import("./commands/status.ts");
    await statusCommand(config, io);
  });
  addCommand(
    program,
    "schema",
    "JSON Schema of the input a workflow is started with.",
    { json: flag("print one JSON document, which it does anyway") },
    async ({ io, texts: [workflow] }) => {
      const { schemaCommand } = await import("./commands/schema.ts");
      await schemaCommand(io, workflow);
    },
  ).argument("<workflow>", "pipeline, ask, promote or rollback");
  addCommand(program, "doctor", "What is there, which variant runs, and why.", { json }, async ({ config, io }) => {
    const { doctorCommand } = await import("./commands/doctor.ts");
    await doctorCommand(config, io);
  });
}
