import type { Command, Option } from "commander";
import { createProgram } from "../../cli/main.ts";

/**
 * Commands of a page's `sh` blocks, in order. Continued lines are joined, here-documents kept whole, comments dropped.
 */
export function shellCommands(markdown: string): string[] {
  return [...markdown.matchAll(/^( *)```sh\n([\s\S]*?)^\1```$/gm)].flatMap(([, indent = "", block = ""]) =>
    commandsOf(block.split("\n").map((line) => line.slice(indent.length))),
  );
}

function commandsOf(lines: string[]): string[] {
  const commands: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    let command = withoutComment(lines[i]!);
    while (command.endsWith("\\"))
      command = `${command.slice(0, -1).trimEnd()} ${withoutComment(lines[++i]!).trimStart()}`;
    const [, end] = /<<'(\w+)'$/.exec(command) ?? [];
    while (end && lines[i] !== end) command += `\n${lines[++i]}`;
    if (command.trim() !== "") commands.push(command.trim());
  }
  return commands;
}

function withoutComment(line: string): string {
  return line.replace(/(^|\s)#\s.*$/, "").trimEnd();
}

/** Problem of a `winnow` command according to the declared command line; null if none, or for another command. */
export function winnowProblem(command: string): string | null {
  const words = argumentsOf(command);
  if (words === null) return null;
  const found = commandNamed(words);
  if (!found) return `${command}: there is no such command`;
  const flags = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split("=")[0]!);
  const declared = found.options.flatMap(({ short, long }) => [short, long]);
  const unknown = flags.filter((flag) => !declared.includes(flag) && flag !== "--help");
  if (unknown.length > 0) return `${command}: no option ${unknown.join(", ")}`;
  const given = ({ short, long }: Option) => [short, long].some((name) => name && flags.includes(name));
  const missing = found.options.filter((option) => option.mandatory && !given(option));
  return missing.length > 0 ? `${command}: ${missing.map(({ long }) => long).join(", ")} is required` : null;
}

/** Words after `winnow`, after compose's `cli`, or after `npm start --`, which stands for `winnow up`. */
function argumentsOf(command: string): string[] | null {
  const words: string[] = command.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  if (words[0] === "npm" && words[1] === "start") return ["up", ...words.slice(3)];
  const isWinnow = (word: string, i: number) => word === "winnow" && words[i - 1] === "npx";
  const isService = (word: string) => word === "cli" && words.includes("compose");
  const start = words.findIndex((word, i) => isWinnow(word, i) || isService(word));
  return start < 0 ? null : words.slice(start + 1);
}

function commandNamed([name, next]: string[]): Command | undefined {
  const command = createProgram().commands.find((each) => each.name() === name);
  if (!command || command.commands.length === 0 || !next || next.startsWith("-")) return command;
  return command.commands.find((each) => each.name() === next);
}
