import { type Command, InvalidArgumentError } from "commander";
import { action } from "./action.ts";
import { readConfig } from "./config.ts";

/** `winnow fsck` and `winnow gc`: is the state folder sound, and what in it is needed no more; `winnow codec`. */
export function addUpkeepCommands(program: Command): void {
  program
    .command("fsck")
    .description(
      "Verify every digest and reference of the state folder; changes nothing. Exits 1 when something is damaged.",
    )
    .option("--json", "print one JSON document")
    .action(
      action(async (io) => {
        const { fsckCommand } = await import("./commands/fsck.ts");
        await fsckCommand(readConfig(), io);
      }),
    );
  program
    .command("gc")
    .description(
      "Remove what nothing needs. Champions, the releases before them, the last N releases and what a running run may need stay.",
    )
    .option("--keep <n>", "newest releases of each corpus that stay", whole, 5)
    .option("--grace <hours>", "what was used within this time stays", hours, 48)
    .option("--apply", "remove; without it the command only tells")
    .option("--dry-run", "only tell (the default)")
    .option("--json", "print one JSON document")
    .action(
      action(async (io, options) => {
        const { gcCommand } = await import("./commands/gc.ts");
        await gcCommand(readConfig(), io, options as never);
      }),
    );
  program
    .command("codec")
    .description(
      "Decrypt payloads for the Web UI and `temporal --codec-endpoint`, with WINNOW_PAYLOAD_KEYS, until Ctrl-C.",
    )
    .option("--host <address>", "where to listen", "127.0.0.1")
    .option("--port <n>", "port to listen on", whole, 8234)
    .option("--ui-origin <url...>", "Web UIs that may ask", ["http://127.0.0.1:8233", "http://localhost:8233"])
    .action(
      action(async (io, options) => {
        const { codecCommand } = await import("./commands/codec.ts");
        await codecCommand(readConfig(), io, options as never);
      }),
    );
}

function whole(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError("a whole number from 1 is wanted.");
}

function hours(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0) return value;
  throw new InvalidArgumentError("a number of hours from 0 is wanted.");
}
