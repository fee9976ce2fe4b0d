import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporary } from "../testing/colourFixture.ts";
import { Checkpoints, type TrainingLog } from "./checkpoint.ts";
import type { TrainingPlan } from "./schedule.ts";

const run = { key: "k", family: "f", learningRate: 2, headLearningRate: 4 };
const plan = { run, brokeAt: null, before: [], steps: 9 } as unknown as TrainingPlan;
const logAt = (step: number, bestStep = 0) => ({ step, bestStep, losses: [] }) as unknown as TrainingLog;
const stateOf = (value: number) => ({
  weights: Float32Array.of(value, 1),
  means: Float32Array.of(2, 3),
  squares: Float32Array.of(4, 5),
});
const entries = async (folder: string) => (await readdir(folder)).sort();

async function begun(): Promise<{ folder: string; checkpoints: Checkpoints }> {
  const folder = await temporary();
  const checkpoints = new Checkpoints(folder, 2);
  await checkpoints.begin(plan);
  return { folder, checkpoints };
}

it("a new plan removes training's own files and no others in the folder", async () => {
  const { folder, checkpoints } = await begun();
  await checkpoints.saveBest(1, Float32Array.of(0, 0));
  await checkpoints.save(logAt(1, 1), stateOf(1));
  await mkdir(join(folder, "thesis"));
  await writeFile(join(folder, "step-1.txt"), "mine");
  await checkpoints.begin({ ...plan, run: { ...run, key: "other", family: "other" } });
  expect(await entries(folder)).toEqual(["plan.json", "step-1.txt", "thesis"]);
  await checkpoints.clear();
  expect(await entries(folder)).toEqual(["step-1.txt", "thesis"]);
});

it("keeps a checkpoint that is at least ten steps old, the next to become so, and the best weights of each", async () => {
  const { folder, checkpoints } = await begun();
  for (let step = 1; step <= 25; step++) {
    if (step % 4 === 0) await checkpoints.saveBest(step, Float32Array.of(step, 0));
    await checkpoints.save(logAt(step, step - (step % 4)), stateOf(step));
  }
  expect(await entries(folder)).toEqual(["best-16", "best-24", "best-8", "plan.json", "step-10", "step-19", "step-25"]);
});

it("finds a checkpoint whose replacement of the same step was interrupted by a power failure", async () => {
  const { folder, checkpoints } = await begun();
  await checkpoints.save(logAt(3), stateOf(7));
  await rename(join(folder, "step-3"), join(folder, "step-3.old"));
  await mkdir(join(folder, "step-3.new"));
  expect((await checkpoints.latest())!.state.weights).toEqual(Float32Array.of(7, 1));
  await checkpoints.save(logAt(3), stateOf(8));
  expect((await checkpoints.latest())!.state.weights).toEqual(Float32Array.of(8, 1));
  expect(await entries(folder)).toEqual(["plan.json", "step-3"]);
});

it("keeps an earlier checkpoint and its best weights that exist only under their temporary name", async () => {
  const { folder, checkpoints } = await begun();
  await checkpoints.saveBest(2, Float32Array.of(2, 0));
  await checkpoints.save(logAt(3, 2), stateOf(3));
  for (const name of ["step-3", "best-2"]) await rename(join(folder, name), join(folder, `${name}.old`));
  await checkpoints.saveBest(4, Float32Array.of(4, 0));
  await checkpoints.save(logAt(5, 4), stateOf(5));
  expect(await entries(folder)).toEqual(["best-2.old", "best-4", "plan.json", "step-3.old", "step-5"]);
  await writeFile(join(folder, "step-5", "state.json"), "");
  expect(await checkpoints.latest()).toMatchObject({ log: { step: 3 }, state: { weights: Float32Array.of(3, 1) } });
});

it("writes nothing for a training that has lost its folder lock", async () => {
  const { folder } = await begun();
  const lost = { assertHeld: () => Promise.reject(new Error("lost")) };
  const checkpoints = new Checkpoints(folder, 2, lost);
  const writes = [checkpoints.save(logAt(1), stateOf(1)), checkpoints.begin(plan), checkpoints.forget(1)];
  for (const write of writes) await expect(write).rejects.toThrow("lost");
  expect(await entries(folder)).toEqual(["plan.json"]);
});

it("passes its checkpoints only to a run at lower rates, after a breakdown", async () => {
  const { checkpoints } = await begun();
  const lower = { ...run, key: "lower", learningRate: 1 };
  expect(await checkpoints.plan(lower)).toBeNull();
  await checkpoints.replan({ ...plan, brokeAt: 5 });
  expect(await checkpoints.plan({ ...lower, headLearningRate: 5 })).toBeNull();
  expect(await checkpoints.plan({ ...lower, family: "of other data" })).toBeNull();
  const before = [{ learningRate: 2, headLearningRate: 4, brokeAt: 5 }];
  expect(await checkpoints.plan(lower)).toEqual({ ...plan, run: lower, before });
  expect(await checkpoints.plan(lower)).toEqual({ ...plan, run: lower, before });
  expect(await checkpoints.plan(run)).toBeNull();
});
