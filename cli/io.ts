import { safeJson } from "../core/base/controls.ts";
import { Interrupts } from "./interrupts.ts";
import { checkOutput } from "./output.ts";
import { StatusLine } from "./statusLine.ts";
import { printable } from "./style.ts";
import { type Out, terminalOf } from "./terminal.ts";
import { wrap } from "./wrap.ts";

/**
 * What connects a command to the outside: data on stdout, everything else on stderr, and its interrupts. Text is folded
 * and coloured for its stream.
 */
export interface Io {
  json: boolean;
  /** The command's result: one JSON document with `--json`, else the text for this number of columns. */
  result(value: unknown, text: (columns: number) => string): void;
  /** Prints text for people on stdout, in addition to the result. With `--json` it prints nothing. */
  print(text: (columns: number) => string): void;
  /** Prints a line for people on stderr. With `--json` it prints errors only. */
  log(line: string): void;
  /** The rewritten line of a terminal. */
  status: StatusLine;
  /** Shows a spinner on a terminal until `work` has ended. */
  busy<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** Ctrl-C and its like, once they are listened to. */
  interrupts: Interrupts;
}

/** An Io over the process's streams. */
export function openIo(json: boolean, stdout: Out = process.stdout, stderr: Out = process.stderr): Io {
  const status = new StatusLine(stderr);
  const write = (out: Out, text: (columns: number) => string) => {
    const { columns, colour } = terminalOf(out);
    const folded = printable(wrap(text(columns), columns), colour);
    status.clear();
    out.write(`${folded}\n`);
  };
  return {
    json,
    status,
    result: (value, text) => {
      checkOutput();
      if (!json) return write(stdout, text);
      status.clear();
      stdout.write(`${safeJson(value)}\n`);
    },
    print: (text) => {
      if (!json) write(stdout, text);
    },
    log: (line) => write(stderr, () => line),
    busy: (what, work) => (json ? work() : status.during(what, work())),
    interrupts: new Interrupts(),
  };
}
