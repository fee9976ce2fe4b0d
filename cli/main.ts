import { Command, CommanderError } from "commander";
import { addConfigCommand } from "./configCommand.ts";
import { EXIT } from "./failure.ts";
import { endProcess, guardOutput } from "./output.ts";
import { addPipelineCommands, addTrainCommand } from "./pipelineCommands.ts";
import { addQuestionCommands } from "./questionCommands.ts";
import { addReleaseCommands } from "./releaseCommands.ts";
import { addScheduleCommands } from "./scheduleCommands.ts";
import { addStateCommands } from "./stateCommands.ts";
import { printable } from "./style.ts";
import { addUpkeepCommands } from "./upkeepCommands.ts";

const CODES = `
Data goes to stdout, logs to stderr.
Exit codes: 0 done (also when the gate refused, nothing answers the question, or the output's reader left),
1 failed (also when the output could not be written), 2 bad input, 3 Temporal unreachable,
4 busy (try again later), 130 cancelled.
Environment: WINNOW_HOME (all state), WINNOW_CACHE (downloads), TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,
WINNOW_LLM_BASE_URL, WINNOW_LLM_MODEL, WINNOW_LLM_API_KEY (an OpenAI-compatible endpoint), WINNOW_THREADS,
WINNOW_PROVIDER (cpu or cuda). All settings, and their values here: winnow config.`;

/** Parses the arguments, runs the command and sets the exit code. */
export async function main(argv: string[]): Promise<void> {
  guardOutput();
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help was printed, or the reason to refuse the arguments.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
    endProcess();
  }
}

/** Declares every command with its options. docs/reference/commands.md is generated from it. */
export function createProgram(): Command {
  const program = new Command("winnow")
    .description("Question answering over technical docs with a reranker fine-tuned on those docs.")
    .addHelpText("after", CODES)
    .configureOutput({
      writeOut: (text) => process.stdout.write(printable(text, false)),
      writeErr: (text) => process.stderr.write(printable(text, false)),
    })
    // Throws instead of ending the process before its output is written.
    .exitOverride();
  addPipelineCommands(program);
  addQuestionCommands(program);
  addTrainCommand(program);
  addStateCommands(program);
  addConfigCommand(program);
  addReleaseCommands(program);
  addUpkeepCommands(program);
  addScheduleCommands(program);
  return program;
}
