import type { Command } from "commander";
import type { TraceSettings } from "../core/base/otlp.ts";
import { readConfig } from "./config.ts";
import { describeFailure } from "./failure.ts";
import { type Io, openIo } from "./io.ts";
import { traced } from "./trace.ts";

export type Options = Record<string, never>;
/** What a command does; arguments that were not given are empty. */
export type Action = (io: Io, options: Options, ...texts: [string, string]) => Promise<void>;

/** Commander's action with the error handling all commands share. `traces` says where its traces go. */
export function action(perform: Action, traces: () => TraceSettings | null = () => readConfig().traces) {
  return async (...given: unknown[]) => {
    const command = given.at(-1) as Command;
    // A command with sub-commands takes their `--json` for its own.
    const options = command.optsWithGlobals() as Options & { json?: boolean };
    const io = openIo(Boolean(options.json));
    const [first = "", second = ""] = given.filter((text) => typeof text === "string");
    try {
      await traced(traces(), `winnow ${nameOf(command)}`, io.log, () => perform(io, options, first, second));
    } catch (error) {
      const failure = describeFailure(error);
      if (io.json) io.result({ error: failure.name, message: failure.message }, () => "");
      io.log(`winnow: ${failure.message}`);
      process.exitCode = failure.code;
    }
    // Native addons and gRPC keep handles open; all work is over and awaited here.
    process.stdout.write("", () => process.exit());
  };
}

/** As it is typed: `releases promote`. */
function nameOf(command: Command): string {
  return command.parent?.parent ? `${command.parent.name()} ${command.name()}` : command.name();
}
