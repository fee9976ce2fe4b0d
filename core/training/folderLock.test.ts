import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { quietContext } from "../native/task.ts";
import { writeTinyModel } from "../reranker/fixtures/tinyModel.ts";
import { optionsFor, stopAt, temporary } from "./colourFixture.ts";
import { lockFolder } from "./folderLock.ts";
import { trainCrossEncoder } from "./trainer.ts";

it("a folder is one training's at a time, and free once that has ended, however it did", async () => {
  const base = await temporary();
  await writeTinyModel(base);
  const options = await optionsFor(base, { maxSteps: 3 });
  const free = await lockFolder(options.checkpointDir);
  await expect(lockFolder(options.checkpointDir, 0)).rejects.toMatchObject({
    code: "Busy",
    message: expect.stringMatching(new RegExp(`is in use: process ${process.pid} on .*lock\\.json`)),
  });
  await free();
  await expect(trainCrossEncoder(options, stopAt(1))).rejects.toThrow("cancelled");
  expect(await readdir(options.checkpointDir)).not.toContain("lock.json");
  expect(await trainCrossEncoder(options, quietContext())).toMatchObject({ resumedFrom: 1 });
});

it("the lock of a process that is gone counts for nothing, nor that of an earlier process of its number", async () => {
  const folder = await temporary();
  const gone = spawn(process.execPath, ["-e", ""]);
  await once(gone, "exit");
  const lock = (pid: number, began: string | null, host = hostname()) =>
    writeFile(join(folder, "lock.json"), JSON.stringify({ host, pid, began }));
  await lock(gone.pid!, null);
  await (await lockFolder(folder, 0))();
  await lock(process.pid, "another boot 1");
  await (await lockFolder(folder, 0))();
  await lock(gone.pid!, null, "another-machine");
  await expect(lockFolder(folder, 0)).rejects.toThrow(/on another-machine trains there/);
});
