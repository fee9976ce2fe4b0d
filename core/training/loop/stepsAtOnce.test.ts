import { beforeAll, expect, it } from "vitest";
import { seededRandom } from "../../base/random.ts";
import { openBaseModel } from "../../models/families/index.ts";
import { writeTinyModel } from "../../models/testing/tinyModel.ts";
import { temporary } from "../testing/colourFixture.ts";
import { TrainingEngine, type TrainingStep } from "./engine.ts";
import { updateScalars } from "./schedule.ts";

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
