import { spawn } from "node:child_process";
import { root } from "./paths.mjs";

/** Programs that are scripts on Windows, which only a shell starts. */
const SCRIPTS = new Set(["npm"]);

/** Runs a program; gives its exit code and output. A program that is not there gives code 127. */
export function run(program, args, { cwd = root, env = process.env, timeout } = {}) {
  return new Promise((settle) => {
    const shell = process.platform === "win32" && SCRIPTS.has(program);
    const child = spawn(program, args, { cwd, env, timeout, shell, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (text) => {
      output = (output + text).slice(-20_000);
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    child.once("error", (error) => settle({ code: error.code === "ENOENT" ? 127 : 126, output: error.message }));
    child.once("close", (code) => settle({ code: code ?? 1, output }));
  });
}

/** Last lines of a program's output, for a message. */
export function tail(output, lines = 6) {
  return output.trim().split("\n").slice(-lines).join("\n");
}
