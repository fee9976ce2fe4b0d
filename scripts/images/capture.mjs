import { spawn } from "node:child_process";

/** Runs a program and returns its stdout, trimmed. Throws with the end of its stderr if it fails. */
export function capture(program, args, { cwd, env = process.env } = {}) {
  return new Promise((settle, fail) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const kept = collect(child);
    child.once("error", fail);
    child.once("close", (code) => {
      if (code === 0) settle(kept.stdout().trim());
      else fail(new Error(`${program} ${args.join(" ")} ended with ${code}: ${kept.stderr().trim().slice(-2000)}`));
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
