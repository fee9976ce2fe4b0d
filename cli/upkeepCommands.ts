import type { Command } from "commander";
import { addCommand } from "./action.ts";
import { flag, json, parsed, text, texts, withDefault } from "./declare.ts";
import { hours, natural } from "./parse.ts";

const gc = {
  keep: withDefault(parsed("<n>", "newest releases of each corpus that stay", natural), 5),
  grace: withDefault(parsed("<hours>", "what was used within this time stays", hours), 48),
  apply: flag("remove; without it the command only tells"),
  dryRun: flag("only tell (the default)"),
  json,
};

const codec = {
  host: withDefault(text("<address>", "where to listen"), "127.0.0.1"),
  port: withDefault(parsed("<n>", "port to listen on", natural), 8234),
  uiOrigin: withDefault(texts("<url...>", "Web UIs that may ask"), ["http://127.0.0.1:8233", "http://localhost:8233"]),
};

/** `winnow fsck` and `winnow gc`: is the state folder sound, and what in it is needed no more; `winnow codec`. */
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
    "Remove what nothing needs. Champions, the releases before them, the last N releases and what a running run may need stay.",
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
