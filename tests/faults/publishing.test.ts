import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { fsck } from "../../core/upkeep/fsck.ts";
import { Faults } from "./harness.ts";

let faults: Faults;
beforeEach(async () => {
  faults = new Faults();
  await faults.startServer();
});
afterEach(() => faults.end());

test.each(["store.before-manifest", "store.before-rename", "store.after-rename", "steps.before-record"])(
  "a crash at %s: the artifact is whole or absent, and the next worker completes the run",
  async (name) => {
    const dying = await faults.startWorker({ WINNOW_FAILPOINT: `${name}:exit` });
    const died = new Promise((settle) => dying.once("exit", settle));
    const handle = await faults.startPipeline({ until: "build-index" });
    await died;
    for (const ref of await faults.store.list("ingest")) await faults.store.resolve(ref);
    expect((await fsck(faults.home)).clean).toBe(true);
    await faults.startWorker();
    const result = (await handle.result()) as PipelineResult;
    expect(result.status).toBe("completed");
    expect(faults.artifacts("ingest").published).toEqual([result.artifacts.ingest!.sha256]);
    expect((await fsck(faults.home)).clean).toBe(true);
  },
);

test("a manifest cut short after publication, as by a power cut: reported by fsck, never used, and repaired by the next worker", async () => {
  const dying = await faults.startWorker({ WINNOW_FAILPOINT: "store.after-rename:short-write" });
  const died = new Promise((settle) => dying.once("exit", settle));
  const handle = await faults.startPipeline({ until: "build-index" });
  await died;
  // The first artifact of a run is the embedder.
  const { published } = faults.artifacts("model");
  expect(published).toHaveLength(1);
  const report = await fsck(faults.home);
  expect([report.clean, report.findings.map(({ path }) => path.includes(published[0]!))]).toEqual([false, [true]]);
  await faults.startWorker();
  const result = (await handle.result()) as PipelineResult;
  expect(result.stages[0]).toMatchObject({ name: "ingest", skipped: false });
  await faults.store.verify({ uri: `winnow:model/${published[0]}`, sha256: published[0]!, bytes: 0 });
});

test.each(["champion.before-link", "champion.after-link"])(
  "a crash at %s: the old champion or the new one, and one line in the ledger after the retry",
  async (name) => {
    const dying = await faults.startWorker({ WINNOW_FAILPOINT: `${name}:exit` });
    const died = new Promise((settle) => dying.once("exit", settle));
    const handle = await faults.startPipeline({}, 0.5);
    await died;
    const between = await faults.releases.champion("faults");
    expect(between === null).toBe(name === "champion.before-link");
    expect((await fsck(faults.home)).clean).toBe(true);
    await faults.startWorker();
    const result = (await handle.result()) as PipelineResult;
    expect(result.promoted).toBe(true);
    const ledger = await faults.releases.ledger();
    expect(ledger.map(({ release }) => release)).toEqual([result.release]);
    expect(readdirSync(join(faults.home, "champions", "faults"))).toContain("000001.json");
    expect((await fsck(faults.home)).clean).toBe(true);
  },
);

test("a damaged artifact is refused with its file and digest; a run rebuilds it, and nothing else changes", async () => {
  await faults.startWorker();
  const first = (await (await faults.startPipeline({}, 0.5)).result()) as PipelineResult;
  const folder = await faults.store.resolve(first.artifacts["build-index"]!);
  const file = join(folder, "index.faiss");
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(2) ^ 1, 2);
  writeFileSync(file, bytes);

  const { failure } = await faults.ask("what is a pod?");
  expect(failure).toMatchObject({ type: "CorruptArtifact" });
  expect(failure?.message).toMatch(/index\.faiss does not match its SHA-256 [0-9a-f]{64}/);
  expect((await faults.releases.champion("faults"))?.release).toBe(first.release);

  const second = (await (await faults.startPipeline({}, 0.5)).result()) as PipelineResult;
  expect(second.stages.map(({ name, skipped }) => [name, skipped])).toEqual([
    ["ingest", true],
    ["embed", true],
    ["build-index", false],
    ["train", true],
    ["evaluate", true],
    ["deploy", true],
  ]);
  expect(second.stages[2]!.why).toMatch(/unusable: .*index\.faiss/);
  expect(second.release).toBe(first.release);
});

test("a run with nothing new computes nothing and keeps the release", async () => {
  await faults.startWorker();
  const first = (await (await faults.startPipeline({}, 0.5)).result()) as PipelineResult;
  const second = (await (await faults.startPipeline({}, 0.5)).result()) as PipelineResult;
  expect(second.stages.every(({ skipped }) => skipped)).toBe(true);
  expect(second.release).toBe(first.release);
  expect(await faults.releases.ledger()).toHaveLength(1);
});

test("a stage alone without its inputs names the stage to run", async () => {
  await faults.startWorker();
  const handle = await faults.startPipeline({ only: "train" });
  let failure = await handle.result().catch((error) => error);
  while (failure.cause instanceof Error) failure = failure.cause;
  expect(failure.type).toBe("MissingArtifact");
  expect(failure.message).toMatch(/Stage ingest has no result for corpus faults.*--until ingest/);
});
