import { spawn } from "node:child_process";
import { isListening, stopped } from "./interrupts.mjs";
import { root } from "./paths.mjs";

/** Programs that are scripts on Windows and need a shell. */
const SCRIPTS = new Set(["npm"]);

/**
 * Runs a program and kills it after `timeout` ms. Returns exit code and output; a missing program has code 127. Throws
 * if the user interrupts set-up, after the program and all that it started are gone.
 */
export function run(program, args, { cwd = root, env = process.env, timeout } = {}) {
  stopped.throwIfAborted();
  return new Promise((settle, fail) => {
    const shell = process.platform === "win32" && SCRIPTS.has(program);
    // A group of its own, so that it can be killed as a whole.
    const detached = isListening() && process.platform !== "win32";
    const child = spawn(program, args, { cwd, env, shell, detached, stdio: ["ignore", "pipe", "pipe"] });
    const kill = () => (detached && child.pid ? process.kill(-child.pid, "SIGKILL") : child.kill("SIGKILL"));
    stopped.addEventListener("abort", kill, { once: true });
    // With spawn's own timeout, a missing program would keep this process alive.
    const timer = timeout ? setTimeout(() => child.kill("SIGKILL"), timeout) : undefined;
    let output = "";
    const keep = (text) => {
      output = (output + text).slice(-20_000);
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    const end = (code, text) => {
      clearTimeout(timer);
      stopped.removeEventListener("abort", kill);
      if (stopped.aborted) fail(stopped.reason);
      else settle({ code, output: text });
    };
    child.once("error", (error) => end(error.code === "ENOENT" ? 127 : 126, error.message));
    child.once("close", (code) => end(code ?? 1, output));
  });
}

/** Last lines of a program's output, for a message. */
export function tail(output, lines = 6) {
  return output.trim().split("\n").slice(-lines).join("\n");
}
