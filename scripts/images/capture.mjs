import { spawn } from "node:child_process";
import { stopped } from "../setup/interrupts.mjs";

/** Runs a program and returns its stdout, trimmed. Throws with the end of its stderr if it fails. */
export async function capture(program, args, options) {
  const { code, stdout, stderr } = await runToEnd(program, args, options);
  if (code === 0) return stdout.trim();
  throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr.trim().slice(-2000)}`);
}

/**
 * Runs a program. Returns exit code and what it wrote, apart and together. Throws if it cannot be started, and if the user
 * interrupts set-up, which ends it.
 */
export function runToEnd(program, args, { env = process.env } = {}) {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], signal: stopped });
  const kept = collect(child);
  return new Promise((settle, fail) => {
    child.once("error", fail);
    child.once("close", (code) => {
      const [stdout, stderr] = [kept.stdout(), kept.stderr()];
      settle({ code, stdout, stderr, output: stdout + stderr });
    });
  });
}

/** Keeps the last megabyte that a child process writes to stdout, and to stderr. */
export function collect(child) {
  const kept = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"])
    child[name].setEncoding("utf8").on("data", (text) => {
      kept[name] = (kept[name] + text).slice(-1_000_000);
    });
  return { stdout: () => kept.stdout, stderr: () => kept.stderr };
}
