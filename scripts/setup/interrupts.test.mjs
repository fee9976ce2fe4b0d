import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { isAlive } from "../../client/processes.ts";

/** Runs a program that starts another one, whose process id it writes to a file. */
const SCRIPT = `
  import { interruptible } from "./interrupts.mjs";
  import { run } from "./run.mjs";
  const program = 'const stay = "setInterval(() => {}, 1000)";' +
    'const { pid } = require("node:child_process").spawn(process.execPath, ["-e", stay], { stdio: "ignore" });' +
    'require("node:fs").writeFileSync(process.env.PIDS, String(pid)); setInterval(() => {}, 1000)';
  try {
    await interruptible(() => run(process.execPath, ["-e", program]));
    process.exit(0);
  } catch (error) {
    console.log(error.message);
    process.exit(130);
  }`;

it.each(["SIGINT", "SIGTERM", "SIGHUP"])("%s ends what set-up runs, with all that it started", async (signal) => {
  const folder = mkdtempSync(join(tmpdir(), "winnow-interrupts-"));
  const pids = join(folder, "pids");
  const child = spawn(process.execPath, ["--input-type=module", "-e", SCRIPT], {
    cwd: dirname(fileURLToPath(import.meta.url)),
    env: { ...process.env, PIDS: pids },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const started = () => {
    try {
      return Number.parseInt(readFileSync(pids, "utf8"), 10);
    } catch {
      return 0;
    }
  };
  await expect.poll(started, { timeout: 30_000 }).toBeGreaterThan(0);
  child.kill(signal);
  expect([(await once(child, "close"))[0], said]).toEqual([130, "Set-up was interrupted.\n"]);
  await expect.poll(() => isAlive(started())).toBe(false);
  rmSync(folder, { recursive: true });
});
