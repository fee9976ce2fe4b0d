import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { collect } from "../images/capture.mjs";

/** Starts a server and keeps the end of its output. `end()` kills it and waits. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const kept = collect(child);
  let ended = false;
  const gone = new Promise((settle) => {
    const end = () => {
      ended = true;
      settle();
    };
    child.once("close", end);
    child.once("error", end);
  });
  const end = () => {
    child.kill("SIGKILL");
    return gone;
  };
  return { output: () => kept.stdout() + kept.stderr(), ended: () => ended, end };
}

/** A port of loopback that was free a moment ago. */
export function freePort() {
  return new Promise((settle) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => settle(port));
    });
  });
}

/** Options of a program as --name=value. */
export const flags = (options) => Object.entries(options).map(([name, value]) => `--${name}=${value}`);

/** Waits until `find` gives something true, for two minutes by default, and returns it. Throws with the last error. */
export async function until(what, find, seconds = 120) {
  let last = "";
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await delay(500))
    try {
      const found = await find();
      if (found) return found;
    } catch (error) {
      last = `: ${error.message}`;
    }
  throw new Error(`not within ${seconds} s: ${what}${last}`);
}
