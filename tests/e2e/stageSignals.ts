import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Run } from "../../client/runs.ts";
import type { StageName } from "../../contracts/names.ts";
import { isAlive } from "../isAlive.ts";
import { root, type WinnowOptions, winnowJson } from "./command.ts";

/** A small corpus: every stage runs, in seconds. */
export const SMALL_DOCS = join(root, "samples", "docs", "workloads");

/** A command that runs. */
export interface Started {
  child: ChildProcess;
  /** Its stderr so far. */
  said(): string;
  gone: Promise<number | null>;
}

const started: { child: ChildProcess; home: string }[] = [];

/** Starts `winnow` with its own state folder and leaves it running; `endStarted` ends it. */
export function startWinnow(
  home: string,
  args: string[],
  { tree = root, env }: Pick<WinnowOptions, "tree" | "env"> = {},
): Started {
  const child = spawn(process.execPath, [join(tree, "cli", "winnow.mjs"), ...args], {
    cwd: tree,
    env: { ...process.env, TEMPORAL_ADDRESS: "", TEMPORAL_CONFIG_FILE: "", ...env, WINNOW_HOME: home },
    stdio: ["ignore", "ignore", "pipe"],
  });
  started.push({ child, home });
  let said = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return { child, said: () => said, gone: new Promise((settle) => child.once("exit", settle)) };
}

/** Kills what a failed case left, command, workers and server, so that the next one does not fail by it. */
export async function endStarted(): Promise<void> {
  for (const { child, home } of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((settle) => child.once("exit", settle));
    child.kill("SIGKILL");
    await gone;
    if (!existsSync(join(home, "run", "stack.json"))) continue;
    // Each leads a process group: the workers' compute processes belong to theirs.
    const { workerPid, serverPid } = stack(home);
    for (const pid of [workerPid, serverPid]) if (pid > 0 && isAlive(pid)) process.kill(-pid, "SIGKILL");
  }
}

/** The stack file of a home. */
export function stack(home: string): { serverPid: number; workerPid: number; apiPid: number; address: string } {
  return JSON.parse(readFileSync(join(home, "run", "stack.json"), "utf8"));
}

/** Kills a command with its workers and its server, as a power cut would. */
export async function cutPower(home: string, { child, gone }: Started): Promise<void> {
  const { serverPid, workerPid } = stack(home);
  for (const pid of [child.pid!, workerPid, serverPid]) process.kill(pid, "SIGKILL");
  await gone;
}

/**
 * Starts a run and cuts the power as soon as the screen names the stage. Gives the id of the run, which stays open.
 */
export async function runCutIn(home: string, stage: StageName, corpus: string, args: string[]): Promise<string> {
  const started = startWinnow(home, args);
  await expect.poll(started.said, { timeout: 300_000, interval: 20 }).toContain(`… ${stage}`);
  await cutPower(home, started);
  const { runs } = await winnowJson<{ runs: Run[] }>(home, ["runs"]);
  expect(runs[0]).toMatchObject({ status: "running", corpus, stage });
  return runs[0]!.workflowId;
}

/** Kills the server of a home. Waits until its command has started another one, on the same address, and said so. */
export async function killServer(home: string, said: Started["said"]): Promise<void> {
  const { serverPid, address } = stack(home);
  process.kill(serverPid, "SIGKILL");
  const words = "The Temporal server ended (SIGKILL); starting it again in 1 s.";
  await expect.poll(said, { timeout: 60_000 }).toContain(words);
  await expect.poll(() => stack(home).serverPid, { timeout: 60_000 }).toBeGreaterThan(serverPid);
  expect(stack(home).address).toBe(address);
  expect(isAlive(serverPid)).toBe(false);
}
