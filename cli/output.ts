import { EXIT } from "./exit.ts";

type Broken = NodeJS.ErrnoException | null;

let broken: Broken = null;

/** Thrown by a command that prints to a stdout which no longer takes anything: the rest of its work is for nobody. */
export class OutputClosed extends Error {}

/**
 * Keeps a failed write from ending the process in a stack trace. What stderr cannot take is dropped: the work does not
 * depend on it.
 */
export function guardOutput(): void {
  process.stdout.on("error", (error) => {
    broken ??= error;
  });
  process.stderr.on("error", () => {});
}

/** False after a failed write to stdout. */
export function takesOutput(): boolean {
  return broken === null;
}

/** Throws OutputClosed after a failed write to stdout. */
export function checkOutput(): void {
  if (broken !== null) throw new OutputClosed(broken.message);
}

/**
 * Ends the process after all that was written. Native addons and gRPC keep handles open, but all work has been awaited.
 * A reader that left, as `head` does, is no failure.
 */
export function endProcess(): void {
  // Even an empty write fails on a full disk.
  if (process.stdout.writableLength === 0) setImmediate(leave);
  else process.stdout.write("", () => setImmediate(leave));
}

/** A failed write is reported in the turn after it. */
function leave(): void {
  if (broken === null || broken.code === "EPIPE") process.exit();
  const why = broken.code === "ENOSPC" ? "no space is left where it goes" : broken.message;
  process.stderr.write(`winnow: the output could not be written: ${why}\n`, () => process.exit(EXIT.failed));
}
