import { beforeAll, expect, it, vi } from "vitest";
import { quietContext } from "../../base/progress.ts";
import { seededRandom } from "../../base/random.ts";
import { openBaseModel } from "../../models/families/index.ts";
import { writeTinyModel } from "../../models/testing/tinyModel.ts";
import { modelOf, optionsFor, temporary } from "../testing/colourFixture.ts";
import { TrainingEngine, type TrainingStep } from "./engine.ts";
import { updateScalars } from "./schedule.ts";
import { trainCrossEncoder } from "./trainer.ts";

/** What is compiled for a GPU runs on the CPU here, so that results can be compared bit by bit. */
vi.mock("../../onnx/runtime.ts", async (importOriginal) => {
  const real = await importOriginal<typeof import("../../onnx/runtime.ts")>();
  const createSession: typeof real.createSession = (model, options) =>
    real.createSession(model, { ...options, provider: "cpu" });
  return { ...real, createSession };
});

let base: string;
beforeAll(async () => {
  base = await temporary();
  await writeTinyModel(base);
});

const adam = { beta1: 0.9, beta2: 0.999 };

/** Three steps of two groups. No two groups have the same number of passages or the same lengths. */
function steps(): TrainingStep[] {
  const rates = { learningRate: 1e-3, headLearningRate: 1e-2, weightDecay: 0.01, ...adam, epsilon: 1e-8 };
  return [0, 1, 2].map((step) => ({
    scalars: updateScalars(step, 1, rates),
    groups: [0, 1].map((i) => {
      const random = seededRandom(10 * step + i);
      const rows = Array.from({ length: 2 + step + i }, (_, row) => ({
        ids: [
          2,
          7,
          8,
          3,
          ...Array.from({ length: 3 + ((5 * row + step) % 7) }, () => 5 + Math.floor(30 * random())),
          3,
        ],
      }));
      const targets = Float32Array.from(rows, (_, row) => Number(row === 0));
      return { rows, targets, prior: Float32Array.from(rows, () => random()), random };
    }),
  }));
}

it("several steps at once end with the bits, losses and norms of one after the other", async () => {
  const options = { loss: "listwise", dropout: 0.1, threads: 1, maxNorm: 1, ...adam } as const;
  const [one, other] = [1, 2].map(async () => TrainingEngine.open(await openBaseModel(base, 5), options));
  const [apart, atOnce] = [await one!, await other!];
  const results = [];
  for (const step of steps()) results.push(...(await apart.train([step])));
  expect(await atOnce.train(steps())).toEqual(results);
  expect(new Set(results.map(({ loss }) => loss)).size).toBe(3);
  expect(atOnce.state).toEqual(apart.state);
  atOnce.restart();
  expect(await atOnce.train(steps())).toEqual(results);
  await Promise.all([apart.close(), atOnce.close()]);
});

it("a training for a GPU joins steps, validates at the same ones, and gives the CPU's bits", async () => {
  const [here, onDevice] = [await optionsFor(base), { ...(await optionsFor(base)), provider: "cuda" as const }];
  const report = await trainCrossEncoder(here, quietContext());
  const reported: number[] = [];
  const progress = ({ step, note }: { step: number; note?: string }) => {
    if (note?.startsWith("loss")) reported.push(step);
  };
  const other = await trainCrossEncoder(onDevice, { ...quietContext(), progress });
  expect(other.losses).toEqual(report.losses);
  expect(other.validation).toEqual(report.validation);
  expect(Buffer.compare(await modelOf(onDevice.outDir), await modelOf(here.outDir))).toBe(0);
  expect(reported.length).toBeLessThan(12);
  for (const { step } of report.validation) expect(reported).toContain(step);
});

it("a breakdown among several steps is reported at its own step", async () => {
  const high = { learningRate: 1e3, headLearningRate: 1e3, maxEpochs: 100, maxSteps: 60 };
  const messageOf = async (provider: "cpu" | "cuda") => {
    const options = { ...(await optionsFor(base, high)), provider };
    const message = await trainCrossEncoder(options, quietContext()).then(String, ({ message }) => message);
    return /training broke down at step \d+ of 60: [^.]*/.exec(message)![0];
  };
  expect(await messageOf("cuda")).toBe(await messageOf("cpu"));
});
