import { Argument, Command, CommanderError, Help, type Option } from "commander";
import { addAgentCommands } from "./agentCommands.ts";
import { completionScript, SHELLS, type Shell } from "./completion.ts";
import { addConfigCommand } from "./configCommand.ts";
import { EXIT } from "./exit.ts";
import { addFeedbackCommands } from "./feedbackCommands.ts";
import { addLlmCommands } from "./llmCommands.ts";
import { addModelCommands } from "./modelCommands.ts";
import { endProcess, guardOutput } from "./output.ts";
import { addPipelineCommands, addTrainCommand } from "./pipelineCommands.ts";
import { addQuestionCommands } from "./questionCommands.ts";
import { addQuestionSetCommands } from "./questionSetCommands.ts";
import { addReleaseCommands } from "./releaseCommands.ts";
import { addRunsCommands } from "./runsCommands.ts";
import { addScheduleCommands } from "./scheduleCommands.ts";
import { addSetupCommand } from "./setupCommand.ts";
import { addStateCommands } from "./stateCommands.ts";
import { bold, printable } from "./style.ts";
import { terminalOf } from "./terminal.ts";
import { addUpkeepCommands } from "./upkeepCommands.ts";
import { versionText } from "./version.ts";
import { wrap } from "./wrap.ts";

const CODES = `
Results go to stdout, logs to stderr.
Exit codes: 0 done (also when the gate refused, nothing answers the question, or the output's reader left), 1 failed (also when the output could not be written), 2 bad input, 3 Temporal unreachable, 4 busy (try again later, or the corpus has an open run), 130 cancelled.
Settings: \`winnow config\` lists every environment variable with its value here.
Completion: \`eval "$(npx winnow completion bash)"\`.`;

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
    .configureHelp(HELP)
    .addHelpText("after", () => wrap(CODES, terminalOf(process.stdout).columns))
    .configureOutput({
      writeOut: (text) => process.stdout.write(printable(text, terminalOf(process.stdout).colour)),
      writeErr: (text) => process.stderr.write(printable(text, terminalOf(process.stderr).colour)),
    })
    // Throws instead of ending the process before its output is written.
    .exitOverride();
  addVersion(program);
  program.commandsGroup("Build and serve:");
  addPipelineCommands(program);
  addRunsCommands(program);
  program.commandsGroup("Ask and measure:");
  addQuestionCommands(program);
  addAgentCommands(program);
  addQuestionSetCommands(program);
  addFeedbackCommands(program);
  addTrainCommand(program);
  addModelCommands(program);
  program.commandsGroup("Releases:");
  addReleaseCommands(program);
  addScheduleCommands(program);
  program.commandsGroup("Operate:");
  addSetupCommand(program);
  addStateCommands(program);
  addConfigCommand(program);
  addLlmCommands(program);
  addUpkeepCommands(program);
  addCompletionCommand(program);
  program.helpCommand("help [command]");
  return program;
}

/** Titles are bold where help has colour; defaults and required options are marked. */
const HELP = {
  styleTitle: bold,
  optionDescription(option: Option): string {
    const plain = new Help().optionDescription(option);
    return option.mandatory ? `${plain} (required)` : plain;
  },
};

/** `--version` asks git, so the text is made only if it is given. */
function addVersion(program: Command): void {
  program.option("-V, --version", "print version and commit").on("option:version", () => {
    process.stdout.write(`winnow ${versionText()}\n`);
    throw new CommanderError(EXIT.ok, "commander.version", "");
  });
}

function addCompletionCommand(program: Command): void {
  const command = program
    .command("completion")
    .description('Completion script of a shell: `eval "$(npx winnow completion bash)"`.')
    .addArgument(new Argument("<shell>", "shell to complete in").choices(SHELLS));
  command.action((shell: Shell) => {
    process.stdout.write(`${completionScript(program, shell)}\n`);
  });
}
