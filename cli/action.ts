import type { Command } from "commander";
import type { CliConfig } from "../config/cliConfig.ts";
import { type Declarations, optionsOf, type Values } from "./declare.ts";
import { type Io, openIo } from "./io.ts";
import { endProcess, OutputClosed, takesOutput } from "./output.ts";

/** Parsed input of a command. */
export interface Given<D extends Declarations> {
  config: CliConfig;
  io: Io;
  options: Values<D>;
  /** Its arguments, empty if not given. */
  texts: [string, string];
}

/**
 * Adds a command. `usage` is its name with its arguments in commander's form. `perform` receives options of their
 * declared types.
 */
export function addCommand<D extends Declarations>(
  parent: Command,
  usage: string,
  description: string,
  declarations: D,
  perform: (given: Given<D>) => Promise<void>,
): Command {
  const command = parent.command(usage).description(description);
  for (const option of optionsOf(declarations)) command.addOption(option);
  return command.action(async (...given: unknown[]) => {
    // A command with sub-commands also parses their options.
    const options: Values<D> = command.optsWithGlobals();
    const [first = "", second = ""] = given.filter((text) => typeof text === "string");
    await run(command, async (io) => {
      // Loaded here, so that help and completion start fast.
      const [{ readCliConfig }, { traced }] = await Promise.all([
        import("../config/cliConfig.ts"),
        import("../client/trace.ts"),
      ]);
      const config = readCliConfig();
      const onProblem = (reason: string) => io.log(`winnow: ${reason}`);
      const work = () => perform({ config, io, options, texts: [first, second] });
      await traced(config.traces, `winnow ${nameOf(command)}`, onProblem, work);
    });
  });
}

/** Adds a command without arguments that must work even if the configuration is refused. */
export function addPlainCommand(
  parent: Command,
  usage: string,
  description: string,
  declarations: Declarations,
  perform: (io: Io) => Promise<void>,
): Command {
  const command = parent.command(usage).description(description);
  for (const option of optionsOf(declarations)) command.addOption(option);
  return command.action(() => run(command, perform));
}

/** Runs a command with the shared error handling, and ends the process. */
async function run(command: Command, perform: (io: Io) => Promise<void>): Promise<void> {
  const io = openIo(Boolean(command.optsWithGlobals().json));
  io.interrupts.listen();
  try {
    await perform(io);
  } catch (error) {
    if (error instanceof OutputClosed) return endProcess();
    const { describeFailure } = await import("./failure.ts");
    const failure = describeFailure(error);
    if (io.json && takesOutput()) io.result({ error: failure.name, message: failure.message }, () => "");
    io.log(`winnow: ${failure.message}`);
    process.exitCode = failure.code;
  }
  endProcess();
}

/** The command as typed: `releases promote`. */
function nameOf(command: Command): string {
  return command.parent?.parent ? `${command.parent.name()} ${command.name()}` : command.name();
}
