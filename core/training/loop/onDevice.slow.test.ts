import { beforeAll, expect, it, vi } from "vitest";
import { quietContext } from "../../base/progress.ts";
import { writeTinyModel } from "../../models/testing/tinyModel.ts";
import { modelOf, optionsFor, temporary } from "../testing/colourFixture.ts";
import { trainCrossEncoder } from "./trainer.ts";

/**
 * Sessions for a GPU run on the CPU here, so that results can be compared bit by bit. A mocked module needs its own
 * process, which each file of this tier has.
 */
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
