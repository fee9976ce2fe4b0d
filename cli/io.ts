/** Where a command writes: data on stdout, everything else on stderr. */
export interface Io {
  json: boolean;
  /** The command's result: one JSON document with `--json`, else the text. */
  result(value: unknown, text: () => string): void;
  /** A line for people; silent with `--json` unless it is an error. */
  log(line: string): void;
}

/** Io over the process's own streams. */
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
