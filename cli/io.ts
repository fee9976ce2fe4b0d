/** Output of a command: data on stdout, everything else on stderr. */
export interface Io {
  json: boolean;
  /** The command's result: one JSON document with `--json`, else the text. */
  result(value: unknown, text: () => string): void;
  /** Prints a line for people. With `--json` it prints errors only. */
  log(line: string): void;
}

/** An Io over the process's streams. */
export function openIo(json: boolean): Io {
  return {
    json,
    result: (value, text) => {
      process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text()}\n`);
    },
    log: (line) => {
      process.stderr.write(`${line}\n`);
    },
  };
}
