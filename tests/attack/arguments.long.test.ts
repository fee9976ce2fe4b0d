import { type Command, CommanderError } from "commander";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createProgram } from "../../cli/main.ts";
import { expectNoGrowth, TRIALS } from "./trials.ts";

/** The real program, whose commands end after their arguments are read. */
function parser(): { program: Command; all: Command[] } {
  const program = createProgram();
  const all: Command[] = [];
  const disarm = (command: Command) => {
    all.push(command);
    command.configureOutput({ writeOut: () => {}, writeErr: () => {} });
    if (command.commands.length === 0) command.action(() => {});
    for (const child of command.commands) disarm(child);
  };
  disarm(program);
  return { program, all };
}

const { program, all } = parser();
// `--version` reads the checkout and prints.
const flags = all
  .flatMap(({ options }) => options.flatMap(({ long }) => long ?? []))
  .filter((flag) => flag !== "--version");
const names = all.flatMap((command) => (command === program ? [] : [command.name()]));
const value = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "-",
    "--",
    "---",
    "0",
    "-1",
    "1e999",
    "NaN",
    "0x10",
    "1e-400",
    "Infinity",
    "2.5",
    "../..",
    "__proto__",
    "constructor",
    "toString",
    "\u001b[2J",
    "\u202e",
    "\ud800",
    "a=b",
    "=",
    "--=",
    "--json=1",
    "--no-json",
    "-k",
    "-h",
    "30m",
    "9".repeat(400),
    "x".repeat(10_000),
    "$(id)",
    "%s%n",
    "\0",
  ),
  fc.string({ unit: "binary", maxLength: 20 }),
);
const argument = fc.oneof(
  fc.constantFrom(...flags),
  fc.constantFrom(...names),
  value,
  fc.tuple(fc.constantFrom(...flags), value).map(([flag, text]) => `${flag}=${text}`),
);
const line = fc.oneof(
  fc.array(argument, { maxLength: 10 }),
  fc.tuple(fc.constantFrom(...names), fc.array(argument, { maxLength: 10 })).map(([name, rest]) => [name, ...rest]),
);

test(`${TRIALS} lines of arguments are read, or refused by commander with a message`, () => {
  let read = 0;
  expectNoGrowth(() =>
    fc.assert(
      fc.property(line, (args) => {
        try {
          program.parse(args, { from: "user" });
          read++;
        } catch (error) {
          if (!(error instanceof CommanderError)) throw error;
          if (error.exitCode !== 0) expect(error.message).not.toBe("");
          expect([0, 1]).toContain(error.exitCode);
        }
      }),
      { numRuns: TRIALS },
    ),
  );
  // Some lines must get through, or nothing was tested.
  expect(read).toBeGreaterThan(TRIALS / 1000);
  expect(({} as Record<string, unknown>).json).toBeUndefined();
});
