import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { flag, json, parsed, text, texts, withDefault } from "./declare.ts";
import { hours, natural, port, whole } from "./parse.ts";

const gc = {
  keep: withDefault(parsed("<n>", "newest releases of each corpus to keep", natural), 5),
  grace: withDefault(parsed("<hours>", "keep what was used within this many hours", hours), 48),
  records: withDefault(
    parsed("<days>", "keep records of answers and votes for this many days, and accepted votes for good", whole),
    90,
  ),
  apply: flag("remove; without it the command only reports"),
  dryRun: flag("only report (the default)"),
  json,
};

const codec = {
  host: withDefault(text("<address>", "address to listen on"), "127.0.0.1"),
  port: withDefault(parsed("<n>", "port to listen on", port), 8234),
  uiOrigin: withDefault(texts("<url...>", "origins of the Web UIs to allow"), [
    "http://127.0.0.1:8233",
    "http://localhost:8233",
  ]),
};

/**
 * `winnow fsck` checks the state, `winnow gc` removes what is no longer needed, and `winnow codec` decrypts payloads.
 */
export function addUpkeepCommands(program: Command): void {
  addCommand(
    program,
    "fsck",
    "Verify every digest and reference of the state folder; changes nothing. Exits 1 when something is damaged.",
    { json },
    async ({ config, io }) => {
      const { fsckCommand } = await import("./commands/fsck.ts");
      await fsckCommand(config, io);
    },
  );
  addCommand(
    program,
    "gc",
    "Remove what nothing needs. Champions, their predecessors, the last N releases and what running workflows may need stay.",
    gc,
    async ({ config, io, options }) => {
      const { gcCommand } = await import("./commands/gc.ts");
      await gcCommand(config, io, options);
    },
  );
  addCommand(
    program,
    "codec",
    "Decrypt payloads for the Web UI and `temporal --codec-endpoint`, with WINNOW_PAYLOAD_KEYS, until Ctrl-C.",
    codec,
    async ({ config, io, options }) => {
      const { codecCommand } = await import("./commands/codec.ts");
      await codecCommand(config, io, options);
    },
  );
}
