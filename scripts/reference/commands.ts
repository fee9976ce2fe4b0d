import type { Argument, Command, Option } from "commander";
import { EXIT } from "../../cli/exit.ts";
import { createProgram } from "../../cli/main.ts";
import { GENERATED, sentence, table } from "./markdown.ts";

const EXIT_MEANINGS: Record<keyof typeof EXIT, string> = {
  ok: "Done. Also if the gate kept a candidate back, the docs hold no answer, or the reader of the output left.",
  failed: "Failed. Also if the output could not be written, as on a full disk.",
  badInput: "Bad input: the message names the option, file or line.",
  temporalUnreachable: "Temporal is unreachable.",
  busy: "Busy: try again later, or the corpus has an open run.",
  cancelled: "Cancelled.",
};

/** docs/reference/commands.md, from the command line's declared options. */
export function commandsPage(): string {
  const commands = createProgram().commands.flatMap(withSubcommands);
  const exits = Object.entries(EXIT).map(([name, code]) => [`${code}`, EXIT_MEANINGS[name as keyof typeof EXIT]]);
  return [
    GENERATED,
    "# Commands",
    "Run `npx winnow COMMAND` in the folder of the clone. Results go to stdout, logs to stderr.",
    "`--json`, where a command has it, prints one JSON document on stdout and nothing else: [shapes](shapes.md).",
    "## Exit codes",
    table(["code", "meaning"], exits),
    ...commands.map(commandSection),
    "",
  ]
    .join("\n\n")
    .trimEnd()
    .concat("\n");
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.filter((child) => child.name() !== "help").flatMap(withSubcommands)];
}

function fullName(command: Command): string {
  return command.parent?.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}

function commandSection(command: Command): string {
  const given = command.registeredArguments.map(argumentText).join(" ");
  const usage = `winnow ${fullName(command)}${given ? ` ${given}` : ""}`;
  const options = command.options.filter((option) => !option.hidden);
  const parts = [`## ${fullName(command)}`, `\`${usage}\``, sentence(command.description())];
  if (options.length > 0) parts.push(table(["option", "meaning", "default"], options.map(optionRow)));
  return parts.join("\n\n");
}

function argumentText(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

/** A default in the description, for options whose default the workflow sets. */
const DESCRIBED_DEFAULT = / \(default: ([^)]+)\)$/;

function optionRow(option: Option): string[] {
  const [, described] = DESCRIBED_DEFAULT.exec(option.description) ?? [];
  const description = option.description.replace(DESCRIBED_DEFAULT, "");
  const choices = option.argChoices ? `; one of ${option.argChoices.map((choice) => `\`${choice}\``).join(", ")}` : "";
  const fallback = option.mandatory ? "required" : (described ?? defaultText(option.defaultValue));
  return [`\`${option.flags}\``, sentence(`${description}${choices}`), fallback];
}

function defaultText(value: unknown): string {
  if (value === undefined) return "";
  return Array.isArray(value) ? value.map((entry) => `\`${entry}\``).join(", ") : `\`${value}\``;
}
