import { createInterface } from "node:readline";

/** A conversation with a person, or with lines from a pipe. */
export interface Dialogue {
  show(text: string): void;
  /** The trimmed answer; null when the input has ended. */
  ask(prompt: string): Promise<string | null>;
  close(): void;
}

/** Opens a dialogue on stdin and stderr: stdout belongs to the command's result. */
export function openDialogue(): Dialogue {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: process.stdin.isTTY });
  const answers = lines[Symbol.asyncIterator]();
  return {
    show: (text) => {
      process.stderr.write(`${text}\n`);
    },
    async ask(prompt) {
      lines.setPrompt(prompt);
      lines.prompt();
      const { value, done } = await answers.next();
      // A pipe echoes nothing, so the next prompt would follow on the same line.
      if (!process.stdin.isTTY) process.stderr.write(done ? "\n" : `${value}\n`);
      return done ? null : value.trim();
    },
    close: () => lines.close(),
  };
}
