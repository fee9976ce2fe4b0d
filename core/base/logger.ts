import pino, { type Logger } from "pino";
import { escapedControls } from "./controls.ts";

/** Writes JSON lines to stderr, without raw control characters: a terminal that shows the log must not obey them. */
export function createLogger(level: string, name = "winnow"): Logger {
  const stderr = pino.destination({ dest: 2, sync: true });
  const out = { write: (line: string) => stderr.write(escapedControls(line)) };
  return pino({ name, level, base: undefined }, out);
}
