import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeJsonLines } from "../../base/jsonl.ts";
import { quietContext } from "../../base/progress.ts";
import { writeTinyModel } from "../../models/testing/tinyModel.ts";
import { colourGroups, temporary } from "../../training/testing/colourFixture.ts";
import { trainPrepared } from "./trainPrepared.ts";

it("ends a long budget early when validation stops improving, and uses a short one in full", async () => {
  const [baseDir, dataDir, ingestDir] = [await temporary(), await temporary(), await temporary()];
  await writeTinyModel(baseDir);
  await writeJsonLines(join(dataDir, "groups.jsonl"), colourGroups(24));
  await writeJsonLines(join(dataDir, "validation.jsonl"), colourGroups(6));
  const passages = ["the wall is red", "the door is blue"].map((text) => ({ heading: ["Colours"], text }));
  await writeJsonLines(join(ingestDir, "passages.jsonl"), passages);
  await writeFile(join(dataDir, "stats.json"), JSON.stringify({ supplied: 0, written: null }));
  const train = async (budgetMinutes: number, leastSteps = 1) => {
    const dirs = { outDir: await temporary(), checkpointDir: await temporary() };
    return trainPrepared(
      { dataDir, ingestDir, baseDir, ...dirs, budgetMinutes, leastSteps, seed: 5 },
      quietContext({ threads: 1 }),
    );
  };
  // Four epochs over 24 questions, four per step. At the pipeline's rates, so few steps change no order.
  expect(await train(29)).toMatchObject({ steps: 24, stoppedEarly: false });
  const { validation, ...long } = await train(30);
  expect(long).toMatchObject({ steps: 12, bestStep: 3, stoppedEarly: true });
  expect(validation.map(({ step }) => step)).toEqual([3, 6, 9, 12]);
  expect(await train(29, 25)).toMatchObject({ steps: 0, skipped: { planned: 24, for: "data" } });
  expect(await train(0.0002, 25)).toMatchObject({ steps: 0, skipped: { for: "time" } });
});
