import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isAlive } from "../tests/isAlive.ts";

const workers = fileURLToPath(new URL("all.ts", import.meta.url));

/** Forks the workers as the CLI does, and is killed at once. Prints their process id. */
const KILLED_PARENT = `
  const { fork } = require("node:child_process");
  const options = { execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "ignore", "ipc"], detached: true };
  const child = fork(process.argv[1], [], options);
  process.stdout.write(String(child.pid), () => process.kill(process.pid, "SIGKILL"));
`;

describe("workers that the CLI started", () => {
  it("end if the CLI was killed before they had loaded, even if no server answers", async () => {
    const env = { ...process.env, TEMPORAL_ADDRESS: "127.0.0.1:1", TEMPORAL_CONFIG_FILE: "" };
    const { stdout } = spawnSync(process.execPath, ["-e", KILLED_PARENT, workers], { env, encoding: "utf8" });
    const pid = Number(stdout);
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => isAlive(pid), { timeout: 30_000, interval: 200 }).toBe(false);
  }, 40_000);
});
