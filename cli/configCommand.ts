import type { Command } from "commander";
import { addPlainCommand } from "./action.ts";
import { json } from "./declare.ts";

/** `winnow config` reads no configuration itself, because it must work if the configuration is refused. */
export function addConfigCommand(program: Command): void {
  const description = "Every setting: the value in effect and its source. Secrets are not shown.";
  addPlainCommand(program, "config", description, { json }, async (io) => {
    const { configCommand } = await import("./commands/config.ts");
    await configCommand(io);
  });
}
