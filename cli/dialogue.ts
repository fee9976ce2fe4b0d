import { createInterface } from "node:readline";
import type { Io } from "./io.ts";
import { terminalOf } from "./terminal.ts";

/** A conversation with a person, or with lines from a pipe. */
export interface Dialogue {
  show(text: string): void;
  /** Width of the terminal. */
  columns: number;
  /** The trimmed answer; null when the input has ended. */
  ask(prompt: string): Promise<string | null>;
  close(): void;
}

/** Opens a dialogue on stdin and stderr: stdout belongs to the command's result. */
export function openDialogue(io: Io): Dialogue {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: process.stdin.isTTY });
  const answers = lines[Symbol.asyncIterator]();
  let ended = false;
  lines.once("close", () => {
    ended = true;
  });
  return {
    show: (text) => io.log(text),
    columns: terminalOf(process.stderr).columns,
    async ask(prompt) {
      // A pipe may have ended while its lines are still to be read. Since Node 24 readline then throws.
      if (ended) process.stderr.write(prompt);
      else {
        lines.setPrompt(prompt);
        lines.prompt();
      }
      const { value, done } = await answers.next();
      // A pipe echoes nothing, so the next prompt would follow on the same line.
      if (!process.stdin.isTTY) process.stderr.write(done ? "\n" : `${value}\n`);
      return done ? null : value.trim();
    },
    close: () => lines.close(),
  };
}
