import type { Command } from "commander";
import { addPlainCommand } from "./action.ts";
import { json } from "./declare.ts";

/** `winnow config` reads no configuration of its own: it must work where that is refused. */
export function addConfigCommand(program: Command): void {
  const description = "Every setting: the value in effect and where it came from. Secrets are not shown.";
  addPlainCommand(program, "config", description, { json }, async (io) => {
    const { configCommand } = await import("./commands/config.ts");
    await configCommand(io);
  });
}
