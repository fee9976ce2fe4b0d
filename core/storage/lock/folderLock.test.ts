import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { quietContext } from "../../base/progress.ts";
import { writeTinyModel } from "../../models/testing/tinyModel.ts";
import { trainCrossEncoder } from "../../training/loop/trainer.ts";
import { dieAt, optionsFor, stopAt, temporary } from "../../training/testing/colourFixture.ts";
import { type LockPatience, lockFolder } from "./folderLock.ts";
import { type Holder, thisProcess } from "./lockHolder.ts";

const take = (folder: string, patience: LockPatience = { patienceMs: 0 }) =>
  lockFolder(folder, quietContext(), patience);
const locksIn = async (folder: string) =>
  (await readdir(folder).catch(() => [])).filter((name) => name.startsWith("lock-"));

/** Writes a lock that another process left behind. */
async function left(folder: string, changes: Partial<Holder>): Promise<string> {
  const file = join(folder, "lock-other.json");
  await mkdir(folder, { recursive: true });
  await writeFile(file, JSON.stringify({ ...(await thisProcess()), ...changes }));
  return file;
}

async function gonePid(): Promise<number> {
  const gone = spawn(process.execPath, ["-e", ""]);
  await once(gone, "exit");
  return gone.pid!;
}

it("one training at a time holds a folder, which is free however that training ends", async () => {
  const base = await temporary();
  await writeTinyModel(base);
  const options = await optionsFor(base, { maxSteps: 3 });
  const lock = await take(options.checkpointDir);
  await expect(trainCrossEncoder(options, quietContext(), { patienceMs: 0 })).rejects.toMatchObject({
    code: "Busy",
    message: expect.stringMatching(new RegExp(`is in use: process ${process.pid} on .* is training there`)),
  });
  await lock.free();
  await expect(trainCrossEncoder(options, stopAt(1))).rejects.toThrow("cancelled");
  expect(await locksIn(options.checkpointDir)).toEqual([]);
  expect(await trainCrossEncoder(options, quietContext())).toMatchObject({ resumedFrom: 1 });
});

it("a lock is stale when its local process is dead, or has passed its PID to another process", async () => {
  const folder = await temporary();
  const pid = await gonePid();
  for (const dead of [{ pid, began: null }, { pid }, { began: "1" }]) {
    await left(folder, dead);
    await (await take(folder)).free();
    expect(await locksIn(folder)).toEqual([]);
  }
});

it("the lock of a training killed with its machine or pod is stale after a lease without a heartbeat, and not sooner", async () => {
  const folder = await temporary();
  await left(folder, { host: "winnow-gpu-7d9f", place: "winnow-gpu-7d9f boot pid:[1]" });
  const began = performance.now();
  const notes = new Set<string | undefined>();
  const lock = await lockFolder(
    folder,
    { ...quietContext(), progress: ({ note }) => notes.add(note) },
    { patienceMs: 0, leaseMs: 700 },
  );
  expect(performance.now() - began).toBeGreaterThan(700);
  expect([...notes]).toEqual([`checking whether the training by process ${process.pid} on winnow-gpu-7d9f is alive`]);
  expect(await locksIn(folder)).toHaveLength(1);
  await lock.free();
  expect(existsSync(folder)).toBe(false);
});

it("a training resumes from the checkpoints of one that was killed on another machine", async () => {
  const base = await temporary();
  await writeTinyModel(base);
  const options = await optionsFor(base, { checkpointSeconds: 0 });
  await expect(trainCrossEncoder(options, dieAt(5))).rejects.toThrow("died");
  await left(options.checkpointDir, { host: "elsewhere", place: "elsewhere" });
  const report = await trainCrossEncoder(options, quietContext(), { leaseMs: 300 });
  expect(report.resumedFrom).toBeGreaterThanOrEqual(4);
});

it("a lock truncated by a power cut holds for a lease, too", async () => {
  const folder = await temporary();
  await writeFile(join(folder, "lock-torn.json"), "");
  await (await take(folder, { patienceMs: 0, leaseMs: 300 })).free();
});

it("a live training on another machine keeps its folder, whatever its clock", async () => {
  const folder = await temporary();
  const file = await left(folder, { host: "elsewhere", place: "elsewhere boot pid:[1]" });
  let second = 0;
  const beat = setInterval(() => void utimes(file, 1000, 1000 + second++).catch(() => {}), 100);
  onTestFinished(() => clearInterval(beat));
  await expect(take(folder, { patienceMs: 1500, leaseMs: 600 })).rejects.toThrow(/on elsewhere is training there/);
  const waiting = take(folder, { patienceMs: Number.POSITIVE_INFINITY, leaseMs: 600 });
  await new Promise((settle) => setTimeout(settle, 1000));
  expect(await locksIn(folder)).toEqual(["lock-other.json"]);
  clearInterval(beat);
  await (await waiting).free();
});

it("sends heartbeats while its event loop is blocked", async () => {
  const folder = await temporary();
  const lock = await take(folder, { leaseMs: 450 });
  const [name] = await locksIn(folder);
  const beats = spawn(process.execPath, [
    "-e",
    `const seen = new Set(); const { statSync } = require("node:fs"); const end = Date.now() + 1000;
     setInterval(() => { seen.add(statSync(process.argv[1]).mtimeMs);
       if (Date.now() > end) { console.log(seen.size); process.exit(); } }, 10)`,
    join(folder, name!),
  ]);
  let said = "";
  beats.stdout.on("data", (data) => {
    said += data;
  });
  const until = performance.now() + 2000;
  while (performance.now() < until);
  await once(beats, "close");
  expect(Number(said)).toBeGreaterThan(4);
  await lock.free();
});

it("when many find a stale lock at once, one takes the folder and the others follow", async () => {
  for (let round = 0; round < 8; round++) {
    const folder = await temporary();
    await left(folder, { began: "1" });
    let [inside, most, had] = [0, 0, 0];
    const each = async () => {
      const lock = await take(folder, { patienceMs: Number.POSITIVE_INFINITY });
      inside++;
      most = Math.max(most, inside);
      had++;
      await new Promise((settle) => setTimeout(settle, 5));
      await lock.assertHeld();
      inside--;
      await lock.free();
    };
    await Promise.all([each(), each(), each()]);
    expect([most, had]).toEqual([1, 3]);
  }
});

it("a training suspended for a lease does not overwrite the checkpoints of its successor", async () => {
  const base = await temporary();
  await writeTinyModel(base);
  const options = await optionsFor(base, { checkpointSeconds: 0 });
  const losing = {
    ...quietContext(),
    progress: ({ step }: { step: number }) => {
      if (step !== 3) return;
      void locksIn(options.checkpointDir).then(([name]) => rm(join(options.checkpointDir, name!), { force: true }));
    },
  };
  await expect(trainCrossEncoder(options, losing)).rejects.toMatchObject({ code: "LockLost" });
  expect(await readFile(join(options.checkpointDir, "plan.json"), "utf8")).toContain("steps");
  expect(await trainCrossEncoder(options, quietContext())).toMatchObject({ steps: 12 });
});

it("a cancel ends the wait", async () => {
  const folder = await temporary();
  const lock = await take(folder);
  const stop = new AbortController();
  const waiting = lockFolder(folder, { ...quietContext(), signal: stop.signal }, { patienceMs: 60_000 });
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: "Cancelled" });
  await lock.free();
});
