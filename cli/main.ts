import { Command } from "commander";
import { addConfigCommand } from "./configCommand.ts";
import { EXIT } from "./failure.ts";
import { addPipelineCommands, addTrainCommand } from "./pipelineCommands.ts";
import { addQuestionCommands } from "./questionCommands.ts";
import { addReleaseCommands } from "./releaseCommands.ts";
import { addScheduleCommands } from "./scheduleCommands.ts";
import { addStateCommands } from "./stateCommands.ts";
import { addUpkeepCommands } from "./upkeepCommands.ts";

const CODES = `
Data goes to stdout, logs to stderr.
Exit codes: 0 done (also when the gate refused or nothing answers the question), 1 failed,
2 bad input, 3 Temporal unreachable, 4 busy (try again later), 130 cancelled.
Environment: WINNOW_HOME (all state), WINNOW_CACHE (downloads), TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,
WINNOW_LLM_BASE_URL, WINNOW_LLM_MODEL, WINNOW_LLM_API_KEY (an OpenAI-compatible endpoint), WINNOW_THREADS,
WINNOW_PROVIDER (cpu or cuda). All settings, and their values here: winnow config.`;

/** Parses the arguments, runs the command and sets the exit code. */
export async function main(argv: string[]): Promise<void> {
  await createProgram().parseAsync(argv);
}

/** Declares every command with its options. docs/reference/commands.md is generated from it. */
export function createProgram(): Command {
  const program = new Command("winnow")
    .description("Question answering over technical docs with a reranker fine-tuned on those docs.")
    .addHelpText("after", CODES)
    .exitOverride((stop) => process.exit(stop.exitCode === 0 ? EXIT.ok : EXIT.badInput));
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
