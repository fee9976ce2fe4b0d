import type { Command } from "commander";
import { action } from "./action.ts";

/** `winnow config` reads no configuration of its own: it must work where that is refused. */
export function addConfigCommand(program: Command): void {
  program
    .command("config")
    .description("Every setting: the value in effect and where it came from. Secrets are not shown.")
    .option("--json", "print one JSON document")
    .action(
      action(
        async (io) => {
          const { configCommand } = await import("./commands/config.ts");
          await configCommand(io);
        },
        () => null,
      ),
    );
}
