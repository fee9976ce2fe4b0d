import { spawn } from "node:child_process";
import { createServer } from "node:net";

/** Starts a server and keeps the end of its output. `end()` kills it and waits. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (text) => {
    output = (output + text).slice(-20_000);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
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
  return { output: () => output, ended: () => ended, end };
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
