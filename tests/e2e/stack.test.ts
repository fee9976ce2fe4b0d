import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAlive } from "../isAlive.ts";
import { listening, seesListeners } from "../listening.ts";
import { freePort } from "../ports.ts";
import { freshHome, root, winnow, winnowJson } from "./command.ts";

describe("the embedded server", () => {
  let home: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ home, remove } = await freshHome());
  });
  afterAll(() => remove());

  const stackFile = () => join(home, "run", "stack.json");
  const stack = () => JSON.parse(readFileSync(stackFile(), "utf8"));

  it("whose command was killed is stopped by the next command before it opens the same database", async () => {
    const args = ["run", "--docs", join(root, "samples", "docs"), "--until", "ingest"];
    const child = spawn(process.execPath, [join(root, "cli", "winnow.mjs"), ...args], {
      cwd: root,
      env: { ...process.env, TEMPORAL_ADDRESS: "", TEMPORAL_CONFIG_FILE: "", WINNOW_HOME: home },
      stdio: "ignore",
    });
    await expect.poll(() => stack().serverPid, { timeout: 60_000 }).toBeGreaterThan(0);
    const { serverPid } = stack();
    child.kill("SIGKILL");
    await delay(500);
    expect(isAlive(serverPid)).toBe(true);
    const result = await winnowJson<{ reason: string; stages: unknown[] }>(home, [...args, "--name", "again"]);
    expect(result.stages).toHaveLength(1);
    expect(isAlive(serverPid)).toBe(false);
  }, 180_000);

  it("keeps its workers: killed under `winnow run`, they restart, and the run completes", async () => {
    const args = ["run", "--docs", join(root, "samples", "docs"), "--until", "embed", "--name", "killed"];
    const child = spawn(process.execPath, [join(root, "cli", "winnow.mjs"), ...args], {
      cwd: root,
      env: { ...process.env, TEMPORAL_ADDRESS: "", TEMPORAL_CONFIG_FILE: "", WINNOW_HOME: home },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const gone = new Promise((settle) => child.once("exit", settle));
    await expect.poll(() => said, { timeout: 90_000 }).toContain("… embed");
    const killed = stack().workerPid as number;
    process.kill(killed, "SIGKILL");
    await expect.poll(() => stack().workerPid, { timeout: 60_000 }).not.toBe(killed);
    expect(await gone).toBe(0);
    expect(
      said.match(/^The workers ended \(SIGKILL\); starting them again in 1 s\. Their log: .*workers\.log$/gm),
    ).toHaveLength(1);
    expect(said).toMatch(/✔ embed .* vectors of 384/);
    expect(isAlive(killed)).toBe(false);
  }, 240_000);

  it.skipIf(!seesListeners)(
    "and the workers listen on loopback alone",
    async () => {
      const [health, metrics] = [await freePort(), await freePort()];
      const ports = { WINNOW_HEALTH_PORT: `${health}`, WINNOW_METRICS_PORT: `${metrics}` };
      const args = ["run", "--docs", join(root, "samples", "docs"), "--until", "ingest", "--name", "listening"];
      const child = spawn(process.execPath, [join(root, "cli", "winnow.mjs"), ...args], {
        cwd: root,
        env: { ...process.env, TEMPORAL_ADDRESS: "", TEMPORAL_CONFIG_FILE: "", ...ports, WINNOW_HOME: home },
        stdio: "ignore",
      });
      const gone = new Promise((settle) => child.once("exit", settle));
      await expect.poll(() => existsSync(stackFile()) && stack().workerPid, { timeout: 60_000 }).toBeGreaterThan(0);
      const address = stack().address as string;
      const places = listening(child.pid!);
      expect(await gone).toBe(0);
      const own = [health, metrics, Number(address.split(":")[1])];
      expect(places).toEqual(expect.arrayContaining(own.map((port) => `loopback:${port}`)));
      expect(places.filter((place) => !place.startsWith("loopback:"))).toEqual([]);
    },
    120_000,
  );

  it.skipIf(!seesListeners)("and so does the codec endpoint, until it is stopped", async () => {
    const port = await freePort();
    const child = spawn(process.execPath, [join(root, "cli", "winnow.mjs"), "codec", "--port", `${port}`], {
      cwd: root,
      env: { ...process.env, WINNOW_PAYLOAD_KEYS: `one:${Buffer.alloc(32, 7).toString("base64")}`, WINNOW_HOME: home },
      stdio: "ignore",
    });
    const gone = new Promise((settle) => child.once("exit", settle));
    await expect.poll(() => listening(child.pid!), { timeout: 60_000 }).toEqual([`loopback:${port}`]);
    child.kill("SIGTERM");
    expect(await gone).toBe(0);
  });

  it("is gone when the command has ended", async () => {
    const status = await winnow(home, ["status", "--json"]);
    expect(JSON.parse(status.stdout).temporal).toBeNull();
  });
});
