import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { InstalledModel } from "../../contracts/models.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { quietContext, type TaskContext } from "../../core/base/progress.ts";
import { describeRepository } from "../../core/models/hub/repository.ts";
import { FakeHub, times } from "../../core/models/hub/testing/fakeHub.ts";
import { withHubFiles } from "../../core/models/installing/fromHub.ts";
import { installModel } from "../../core/models/installing/install.ts";
import { tryModel } from "../../core/models/installing/tryModel.ts";
import { writeTinyModel } from "../../core/models/testing/tinyModel.ts";
import { openStorage } from "../../core/storage/openStorage.ts";
import { openReleases } from "../../core/storage/releases.ts";
import { openStore } from "../../core/storage/store.ts";
import type { TrainingOptions } from "../../core/training/loop/settings.ts";
import { trainCrossEncoder } from "../../core/training/loop/trainer.ts";
import { fsck } from "../../core/upkeep/fsck.ts";
import { stateFolder } from "../../core/upkeep/testing/homeFixture.ts";
import { isAlive } from "../isAlive.ts";
import { SmallDisk } from "./disk.ts";
import { Faults } from "./harness.ts";

const FULL = {
  code: "StorageFailed",
  message: expect.stringMatching(/the disk is full|the file exceeds a size limit/),
};
const READ_ONLY = { code: "StorageFailed", message: expect.stringMatching(/no permission|read-only/) };

let disk: SmallDisk;
beforeEach(() => {
  disk = new SmallDisk();
});
afterEach(() => disk.end());

/** Leftovers of interrupted work below a folder. */
function temporaries(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => /\.(draft-|fresh-)|\.new$/.test(name));
}

/** A state folder with a champion and a second release that could replace it. */
async function promoted(home: string) {
  const state = stateFolder(home);
  const [first, second] = [await state.release(1), await state.release(2)];
  await state.promote(first);
  return { ...state, first, second };
}

/** Puts a model on the hub. Returns the size of its weights in bytes. */
async function offer(hub: FakeHub): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "winnow-wide-"));
  await writeTinyModel(folder, 1, 256);
  const files = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
  rmSync(folder, { recursive: true });
  hub.repositories["org/wide"] = { files };
  return files["model.safetensors"]!.length;
}

async function installFrom(hub: FakeHub, home: string): Promise<InstalledModel> {
  mkdirSync(home, { recursive: true });
  const ctx = quietContext();
  const call = hub.call({ slowMs: 2000 });
  const repository = await describeRepository(call, { name: "org/wide", revision: "main" });
  const source = { from: "hub" as const, repository: "org/wide", revision: repository.commit };
  const storage = await openStorage(home, null);
  return withHubFiles(call, repository, home, ctx, (files) =>
    installModel(
      storage,
      { name: "org/wide", source, files, options: {} },
      { ...ctx, tryModel: (modelDir) => tryModel({ modelDir }, ctx) },
    ),
  );
}

describe("a full disk", () => {
  test("publishing, promoting and recording fail typed, leave nothing behind, and keep the champion; with space, they work", async () => {
    const { home, store, releases, steps, first, second, promote } = await promoted(disk.folder);
    const draft = await store.draft("train");
    writeFileSync(join(draft, "training.json"), "{}");
    disk.fill();
    await expect(store.commit(draft, "train")).rejects.toMatchObject(FULL);
    // The removed draft has freed space.
    disk.fill();
    await expect(promote(second)).rejects.toMatchObject(FULL);
    const parts = { stage: "train", inputs: {}, options: {}, code: "c" };
    await expect(steps.record("k8s", parts, { ref: second.ref })).rejects.toMatchObject(FULL);
    expect(temporaries(home)).toEqual([]);
    expect((await releases.champion("k8s"))?.release).toBe(first.id);
    expect((await fsck(home)).clean).toBe(true);
    disk.free();
    await promote(second);
    expect((await releases.champion("k8s"))?.release).toBe(second.id);
  });

  test("installing a model ends typed in the middle of its weights, installs nothing, and the same command goes on", async () => {
    const hub = await new FakeHub().start();
    try {
      const weights = await offer(hub);
      hub.faults.storage.push(
        times(1, (_request, response, body) => {
          response.writeHead(200, { "content-length": body.length });
          response.write(body.subarray(0, 1_000_000), () =>
            setTimeout(() => {
              disk.fill();
              response.end(body.subarray(1_000_000));
            }, 300),
          );
          return true;
        }),
      );
      const home = join(disk.folder, "home");
      await expect(installFrom(hub, home)).rejects.toMatchObject(FULL);
      disk.free();
      expect(await (await openStorage(home, null)).records.list("models")).toEqual([]);
      expect(temporaries(home)).toEqual([]);
      expect((await installFrom(hub, home)).bytes).toBeGreaterThan(weights);
      expect(hub.seen.flatMap(({ headers }) => headers.range ?? []).at(-1)).toMatch(/^bytes=1\d{6}-$/);
      hub.repositories["org/wide"]!.files["model.safetensors"] = Buffer.alloc(9_000_000);
      await expect(installFrom(hub, home)).rejects.toThrow(/the model needs 10 MB, and \d+ MB are free on the disk of/);
    } finally {
      await hub.stop();
    }
  });

  test("training ends typed at the checkpoint it cannot write, keeps the previous one, and resumes from it to the same bits", async () => {
    const base = join(disk.folder, "base");
    mkdirSync(base);
    await writeTinyModel(base);
    const free = mkdtempSync(join(tmpdir(), "winnow-free-"));
    const whole = trainingIn(base, join(free, "whole"), free);
    await trainCrossEncoder(whole, quietContext());
    const options = trainingIn(base, join(disk.folder, "checkpoints"), free);
    await expect(
      trainCrossEncoder(
        options,
        atStep(4, () => disk.fill()),
      ),
    ).rejects.toMatchObject({
      code: "StorageFailed",
      message: expect.stringMatching(
        /a checkpoint cannot be written .*(the disk is full|the file exceeds a size limit)/,
      ),
    });
    const steps = readdirSync(options.checkpointDir).filter((name) => name.startsWith("step-"));
    expect(steps).toEqual(["step-1", expect.stringMatching(/^step-[34]$/)]);
    const kept = steps.at(-1);
    expect(temporaries(options.checkpointDir)).toEqual([]);
    disk.free();
    const report = await trainCrossEncoder(options, quietContext());
    expect(`step-${report.resumedFrom}`).toBe(kept);
    const model = ({ outDir }: TrainingOptions) => readFileSync(join(outDir, "onnx", "model.onnx"));
    expect(model(options).equals(model(whole))).toBe(true);
    rmSync(free, { recursive: true });
  });

  test("under a worker: the run fails once with that reason; the champion answers; with space, the next run completes", async () => {
    const faults = new Faults();
    try {
      await faults.startServer();
      const worker = await faults.startWorker({ WINNOW_HOME: disk.folder });
      const first = (await (await faults.startPipeline({}, 0.5)).result()) as PipelineResult;
      expect(first.promoted).toBe(true);
      writeFileSync(join(faults.docs, "index.md"), "# Docs, changed\n");
      disk.fill([worker.pid!]);
      let failure = await (await faults.startPipeline({}, 0.5)).result().catch((error) => error);
      while (failure.cause instanceof Error) failure = failure.cause;
      expect(failure).toMatchObject({ type: "StorageFailed", message: FULL.message });
      expect(temporaries(disk.folder)).toEqual([]);
      const releases = openReleases(disk.folder, openStore(disk.folder));
      expect((await releases.champion("faults"))?.release).toBe(first.release);
      expect((await faults.ask("what is a Job?")).result?.receipt.release).toBe(first.release);
      disk.free();
      expect(await (await faults.startPipeline({}, 0.5)).result()).toMatchObject({ status: "completed" });
      expect(isAlive(worker.pid!)).toBe(true);
    } finally {
      await faults.end();
    }
  }, 300_000);
});

test("a folder that may only be read: publishing and promoting fail typed, nothing changes, and reading works", async () => {
  const { home, store, releases, first, second, promote } = await promoted(disk.folder);
  const folders = [home, ...readdirSync(home, { recursive: true, withFileTypes: true }).flatMap(folderOf)];
  const before = readdirSync(home, { recursive: true, encoding: "utf8" }).sort();
  await asNobody(folders, async () => {
    await expect(store.draft("train")).rejects.toMatchObject(READ_ONLY);
    await expect(promote(second)).rejects.toMatchObject(READ_ONLY);
    expect((await releases.champion("k8s"))?.release).toBe(first.id);
    await store.resolve(first.ref);
  });
  expect(readdirSync(home, { recursive: true, encoding: "utf8" }).sort()).toEqual(before);
});

function folderOf(entry: { parentPath?: string; path: string; name: string; isDirectory(): boolean }): string[] {
  return entry.isDirectory() ? [join(entry.parentPath ?? entry.path, entry.name)] : [];
}

/** Runs `work` with read-only `folders`. Permissions do not bind root, so root privileges are dropped. */
async function asNobody(folders: string[], work: () => Promise<void>): Promise<void> {
  for (const folder of folders) chmodSync(folder, 0o555);
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid!(65534);
  try {
    await work();
  } finally {
    if (root) process.seteuid!(0);
    for (const folder of folders) chmodSync(folder, 0o755);
  }
}

function trainingIn(baseDir: string, checkpointDir: string, out: string): TrainingOptions {
  const groups = ["red", "blue", "green"].map((colour) => ({
    question: `what is ${colour}`,
    passages: [`the pod is ${colour}`, "a node", "how do i delete the job"],
  }));
  const fixed = { budgetMinutes: 60, seed: 3, threads: 1, maxSteps: 8, maxEpochs: 100, checkpointSeconds: 0 };
  return { baseDir, groups, validation: groups, outDir: mkdtempSync(join(out, "out-")), checkpointDir, ...fixed };
}

function atStep(step: number, act: () => void): TaskContext {
  return { ...quietContext(), progress: (at) => at.step === step && !at.note?.startsWith("checking on") && act() };
}
