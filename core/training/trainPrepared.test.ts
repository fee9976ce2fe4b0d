import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeJsonLines } from "../artifacts/jsonl.ts";
import { quietContext } from "../native/task.ts";
import { writeTinyModel } from "../reranker/fixtures/tinyModel.ts";
import { colourGroups, temporary } from "./colourFixture.ts";
import { trainPrepared } from "./trainPrepared.ts";

it("ends before a long budget is spent where validation gets no better, and spends a short one", async () => {
  const [baseDir, dataDir] = [await temporary(), await temporary()];
  await writeTinyModel(baseDir);
  await writeJsonLines(join(dataDir, "groups.jsonl"), colourGroups(24));
  await writeJsonLines(join(dataDir, "validation.jsonl"), colourGroups(6));
  await writeFile(join(dataDir, "stats.json"), JSON.stringify({ supplied: 0, written: null }));
  const train = async (budgetMinutes: number) => {
    const dirs = { outDir: await temporary(), checkpointDir: await temporary() };
    return trainPrepared({ dataDir, baseDir, ...dirs, budgetMinutes, seed: 5, threads: 1 }, quietContext());
  };
  // Four times over 24 questions, four a step. At the pipeline's rates so few steps change the order of nothing.
  expect(await train(29)).toMatchObject({ steps: 24, stoppedEarly: false });
  const { validation, ...long } = await train(30);
  expect(long).toMatchObject({ steps: 12, bestStep: 3, stoppedEarly: true });
  expect(validation.map(({ step }) => step)).toEqual([3, 6, 9, 12]);
});
