import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quietContext, type TaskProgress } from "../../core/base/progress.ts";
import { writeTinyModel } from "../../core/models/testing/tinyModel.ts";
import { startCompute } from "../../core/runtime/process.ts";
import { WHOLE } from "../../core/runtime/protocol.ts";
import { lockFolder } from "../../core/storage/lock/folderLock.ts";
import type { TrainingOptions } from "../../core/training/loop/settings.ts";
import type { TrainingReport } from "../../core/training/loop/trainingReport.ts";

const tasks = new URL("./realParts.ts", import.meta.url).href;
let root: string;
let folders = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "winnow-kill-"));
  await writeTinyModel(join(root));
});
afterAll(() => rm(root, { recursive: true, force: true }));

function optionsFor(changes: Partial<TrainingOptions> = {}): TrainingOptions {
  const groups = ["red", "blue", "green"].flatMap((colour) =>
    ["pod", "node", "job", "service"].map((thing) => ({
      question: `what is ${colour}`,
      passages: [`the ${thing} is ${colour}`, `a ${thing}`, `how do i delete the ${thing}`],
    })),
  );
  folders++;
  return {
    baseDir: root,
    groups,
    validation: groups.slice(0, 4),
    outDir: join(root, `out-${folders}`),
    checkpointDir: join(root, `checkpoints-${folders}`),
    budgetMinutes: 20,
    seed: 3,
    threads: 1,
    maxSteps: 40,
    maxEpochs: 100,
    checkpointSeconds: 0,
    ...changes,
  };
}

/**
 * Runs the trainer in a separate process, and kills it with -9 as soon as `when` holds. Returns the report, or null if
 * killed.
 */
async function train(
  options: TrainingOptions,
  when: (entries: string[], progress: TaskProgress | null) => boolean = () => false,
): Promise<TrainingReport | null> {
  let report: TrainingReport | null = null;
  let progress: TaskProgress | null = null;
  const compute = startCompute("train", { tasks, threads: 1 }, (message) => {
    if (message.type === "progress") progress = message.progress;
    if (message.type === "result" && message.id === WHOLE) report = message.value as TrainingReport;
    if (message.type === "error") throw new Error(message.error.message);
  });
  compute.send({ type: "task", name: "train" as never, args: options as never });
  let alive = true;
  void compute.gone.then(() => {
    alive = false;
  });
  while (alive) {
    const entries = existsSync(options.checkpointDir) ? readdirSync(options.checkpointDir) : [];
    if (when(entries, progress)) compute.child.kill("SIGKILL");
    await new Promise((settle) => setTimeout(settle, 1));
  }
  return report;
}

const modelOf = ({ outDir }: TrainingOptions) => readFile(join(outDir, "onnx", "model.onnx"));
const stepsIn = (entries: string[]) => entries.flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? []).map(Number);

describe("kill -9 of the trainer: resumed, its weights are bit-equal to an uninterrupted run's", () => {
  let whole: Buffer;
  beforeAll(async () => {
    const options = optionsFor();
    expect(await train(options)).toMatchObject({ steps: 40, resumedFrom: null });
    whole = await modelOf(options);
  });

  const points: [string, (entries: string[]) => boolean, number][] = [
    ["when the plan is frozen and nothing else is saved", (entries) => entries.includes("plan.json"), 0],
    ["while a checkpoint is being written", (entries) => entries.some((name) => /^step-(9|\d\d)\.new$/.test(name)), 8],
    ["when the best weights are saved and their checkpoint is not", (entries) => bestAhead(entries), 8],
  ];

  test.each(points)("%s", async (_, when, earliest) => {
    const options = optionsFor();
    expect(await train(options, when)).toBeNull();
    const report = await train(options);
    expect(report).toMatchObject({ steps: 40 });
    expect(report!.resumedFrom ?? 0).toBeGreaterThanOrEqual(earliest);
    expect(Buffer.compare(await modelOf(options), whole)).toBe(0);
  });

  test("with its pod, when only its silence shows that it is gone", async () => {
    const options = { ...optionsFor(), leaseMs: 2000 };
    expect(await train(options, (entries) => stepsIn(entries).some((done) => done >= 10))).toBeNull();
    const [name] = readdirSync(options.checkpointDir).filter((entry) => entry.startsWith("lock-"));
    const lock = join(options.checkpointDir, name!);
    const elsewhere = { ...JSON.parse(await readFile(lock, "utf8")), host: "winnow-gpu-0", place: "winnow-gpu-0" };
    await writeFile(lock, JSON.stringify(elsewhere));
    const began = Date.now();
    const report = await train(options);
    expect(Date.now() - began).toBeGreaterThan(2000);
    expect(report!.resumedFrom).toBeGreaterThanOrEqual(10);
    expect(Buffer.compare(await modelOf(options), whole)).toBe(0);
    expect(existsSync(lock)).toBe(false);
  });

  test("three times over", async () => {
    const options = optionsFor();
    for (const step of [3, 15, 33]) {
      expect(await train(options, (entries) => stepsIn(entries).some((done) => done >= step))).toBeNull();
    }
    const report = await train(options);
    expect(report!.resumedFrom).toBeGreaterThanOrEqual(33);
    expect(Buffer.compare(await modelOf(options), whole)).toBe(0);
  });
});

/** Log of the latest checkpoint, which lists the revisions of the plan; null while there is none that can be read. */
function latestLog({
  checkpointDir,
}: TrainingOptions): { step: number; revisions: { step: number; steps: number }[] } | null {
  try {
    const latest = Math.max(...stepsIn(readdirSync(checkpointDir)));
    return JSON.parse(readFileSync(join(checkpointDir, `step-${latest}`, "state.json"), "utf8")).log;
  } catch {
    return null;
  }
}

test("kill -9 after the plan was revised: the resumed run follows the new plan, bit for bit", async () => {
  // The budget is so small that the number of steps depends on their speed.
  const first = optionsFor({ budgetMinutes: 0.2, maxSteps: 1e6, maxEpochs: 1e6, checkpointSeconds: 0.2 });
  expect(await train(first, () => (latestLog(first)?.revisions.length ?? 0) >= 2)).toBeNull();
  const second = { ...first, outDir: join(root, "copy"), checkpointDir: join(root, "copied") };
  await cp(first.checkpointDir, second.checkpointDir, { recursive: true });
  const log = latestLog(second)!;
  const [a, b] = [await train(first), await train(second)];
  expect(a!.resumedFrom).toBe(log.step);
  // A later revision measures other times in each run. Until the first of them, everything is fixed.
  const later = [first, second].map((run) => latestLog(run)!.revisions[log.revisions.length]?.step ?? a!.steps);
  const fixed = Math.min(...later, a!.steps, b!.steps);
  expect(fixed).toBeGreaterThan(log.step);
  expect(a!.losses.slice(0, fixed)).toEqual(b!.losses.slice(0, fixed));
}, 60_000);

test("a cancel is noticed within five seconds, with a checkpoint from which the same training resumes", async () => {
  const options = optionsFor({ maxSteps: 1e6, maxEpochs: 1e6, checkpointSeconds: 60 });
  let [asked, message] = [0, ""];
  const compute = startCompute("train", { tasks, threads: 1 }, (said) => {
    if (said.type === "error") message = said.error.message;
    if (asked > 0 || said.type !== "progress" || said.progress.step < 3) return;
    asked = performance.now();
    compute.cancel();
  });
  compute.send({ type: "task", name: "train" as never, args: options as never });
  await compute.gone;
  expect(performance.now() - asked).toBeLessThan(5000);
  const step = Number(/cancelled at step (\d+) of/.exec(message)?.[1]);
  expect(step).toBeGreaterThanOrEqual(3);
  expect(stepsIn(readdirSync(options.checkpointDir))).toContain(step);
});

test("asked to stop, as by SIGTERM of its worker, the trainer saves its current step within its grace time, and resumes there", async () => {
  const options = optionsFor({ maxSteps: 100, checkpointSeconds: 3600 });
  let stoppedAt = 0;
  let ended: string | null = null;
  const compute = startCompute("train", { tasks, threads: 1 }, (message) => {
    if (message.type === "error") ended = message.error.code ?? message.error.message;
    if (message.type !== "progress" || message.progress.step < 20 || stoppedAt > 0) return;
    stoppedAt = message.progress.step;
    compute.cancel();
  });
  compute.send({ type: "task", name: "train" as never, args: options as never });
  await expect.poll(() => stoppedAt, { interval: 5 }).toBeGreaterThan(0);
  const began = Date.now();
  await compute.gone;
  expect(Date.now() - began).toBeLessThan(3000);
  expect(ended).toBe("Cancelled");
  const saved = Math.max(...stepsIn(readdirSync(options.checkpointDir)));
  expect(saved).toBeGreaterThanOrEqual(stoppedAt);
  expect(saved).toBeLessThan(100);
  expect(await train(options)).toMatchObject({ steps: 100, resumedFrom: saved });
});

test("the train stage waits while another process trains in its folder, reports that, and then trains", async () => {
  const { groups, validation, ...options } = optionsFor();
  const [dataDir, ingestDir] = [await mkdtemp(join(root, "data-")), await mkdtemp(join(root, "ingest-"))];
  const lines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");
  await writeFile(join(dataDir, "groups.jsonl"), lines(groups));
  await writeFile(join(dataDir, "validation.jsonl"), lines(validation));
  await writeFile(join(dataDir, "stats.json"), JSON.stringify({ supplied: 0 }));
  await writeFile(join(ingestDir, "passages.jsonl"), lines([{ heading: ["Colours"], text: "the wall is red" }]));
  const lock = await lockFolder(options.checkpointDir, quietContext());
  const notes: string[] = [];
  let [steps, failure] = [0, ""];
  const compute = startCompute("train", { tasks, threads: 1 }, (message) => {
    if (message.type === "progress") notes.push(message.progress.note ?? "");
    if (message.type === "error") failure = message.error.message;
    if (message.type === "result" && message.id === WHOLE) steps = (message.value as TrainingReport).steps;
  });
  compute.send({ type: "task", name: "trainPrepared" as never, args: { ...options, dataDir, ingestDir } as never });
  await expect
    .poll(() => notes)
    .toContain(`waiting for the training by process ${process.pid} on ${hostname()} to end`);
  // Longer than `winnow train` waits for another training.
  await new Promise((settle) => setTimeout(settle, 6000));
  expect(existsSync(join(options.checkpointDir, "plan.json"))).toBe(false);
  await lock.free();
  await compute.gone;
  expect([failure, steps]).toEqual(["", 40]);
});

/** Best weights of step 10 or later without their own checkpoint. */
function bestAhead(entries: string[]): boolean {
  const best = entries.flatMap((name) => /^best-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  return best.some((step) => step >= 10 && !stepsIn(entries).includes(step));
}
