import type { Command, Option } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** A command as it is typed after `winnow`, with what may follow it. */
interface Completed {
  path: string[];
  description: string;
  subcommands: Command[];
  options: readonly Option[];
}

/** The completion script of a shell for a program: its commands, options, and values of options with choices. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = completedOf(program, []);
  if (shell === "fish") return fishScript(commands);
  const script = bashScript(commands);
  return shell === "bash" ? script : `autoload -U +X bashcompinit && bashcompinit\n${script}`;
}

function completedOf(command: Command, path: string[]): Completed[] {
  const subcommands = command.commands.filter((each) => each.name() !== "help");
  const own = { path, description: command.description(), subcommands, options: command.options };
  return [own, ...subcommands.flatMap((each) => completedOf(each, [...path, each.name()]))];
}

/** The commands typed so far select the words that may follow; a value follows an option that has one. */
function bashScript(commands: Completed[]): string {
  const named = commands.map((each) => ({ ...each, name: ["winnow", ...each.path].join(" ") }));
  const paths = named.slice(1).map(({ name }) => `      ${quoted(name)}) path="$path \${COMP_WORDS[i]}" ;;`);
  const values = named.flatMap(({ name, options }) => options.flatMap((option) => bashValue(name, option)));
  const words = named.map(({ name, subcommands, options }) => {
    const all = [...subcommands.map((each) => each.name()), ...options.map(({ long }) => long ?? ""), "--help"];
    return `    ${quoted(name)}) words=${quoted(all.join(" "))} ;;`;
  });
  return [
    "_winnow() {",
    "  local cur prev path words i",
    `  cur="\${COMP_WORDS[COMP_CWORD]}"`,
    `  prev="\${COMP_WORDS[COMP_CWORD-1]}"`,
    '  path="winnow"',
    "  for ((i = 1; i < COMP_CWORD; i++)); do",
    `    case "$path \${COMP_WORDS[i]}" in`,
    ...paths,
    "    esac",
    "  done",
    '  case "$path $prev" in',
    ...values,
    "  esac",
    '  case "$path" in',
    ...words,
    "  esac",
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    "}",
    "complete -F _winnow winnow",
  ].join("\n");
}

function bashValue(name: string, { long, argChoices, required, variadic, flags }: Option): string[] {
  if (!required && !variadic) return [];
  const given = argChoices ? `-W ${quoted(argChoices.join(" "))}` : isPlace(flags) ? "-f" : null;
  const reply = given === null ? "()" : `($(compgen ${given} -- "$cur"))`;
  return [`    ${quoted(`${name} ${long}`)}) COMPREPLY=${reply}; return ;;`];
}

function fishScript(commands: Completed[]): string {
  return [
    "complete -c winnow -f",
    ...commands.flatMap(({ path, subcommands, options }) => {
      const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`);
      const names = subcommands.map((each) => each.name()).join(" ");
      const here = path.length === 0 ? "__fish_use_subcommand" : seen.join("; and ");
      const before = names && path.length > 0 ? `${here}; and not __fish_seen_subcommand_from ${names}` : here;
      return [
        ...subcommands.map(
          (each) => `complete -c winnow -n ${quoted(before)} -a ${each.name()} -d ${quoted(each.description())}`,
        ),
        ...options.map((option) => fishOption(here, option)),
      ];
    }),
  ].join("\n");
}

function fishOption(condition: string, option: Option): string {
  const { long, description, argChoices, required, variadic, flags } = option;
  const value = argChoices ? ` -x -a ${quoted(argChoices.join(" "))}` : isPlace(flags) ? " -r -F" : " -x";
  const argument = required || variadic ? value : "";
  return `complete -c winnow -n ${quoted(condition)} -l ${long?.slice(2)}${argument} -d ${quoted(description)}`;
}

/** True for an option whose value is a file or folder. */
function isPlace(flags: string): boolean {
  return /<(?:path|file|folder|source)>/.test(flags);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
