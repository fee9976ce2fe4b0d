// Prints one line per step to stderr. Stdout belongs to the command that runs after set-up.

const out = process.stderr;

export function done(step, detail) {
  clear();
  out.write(`  ✔ ${step.padEnd(16)} ${detail}\n`);
}

export function degraded(step, detail) {
  clear();
  out.write(`  ○ ${step.padEnd(16)} ${detail}\n`);
}

/**
 * Shows that a long step is running: a rewritten line on a terminal, otherwise a line every half minute. Returns a stop
 * function. `progress` adds what has been done so far.
 */
export function working(step, detail, progress = () => "") {
  const started = Date.now();
  const line = () => `  … ${step.padEnd(16)} ${detail}${progress()} (${Math.round((Date.now() - started) / 1000)} s)`;
  out.write(out.isTTY ? line() : `${line()}\n`);
  const timer = setInterval(
    () => out.write(out.isTTY ? `\r\x1b[2K${line()}` : `${line()}\n`),
    out.isTTY ? 1000 : 30_000,
  );
  return () => clearInterval(timer);
}

function clear() {
  if (out.isTTY) out.write("\r\x1b[2K");
}

/** Thrown for an unavailable part, with the ways to supply it. */
export class SetupError extends Error {
  constructor(what, ways) {
    super(`${what}\n${ways.map((way) => `    - ${way}`).join("\n")}`);
    this.name = "SetupError";
  }
}
