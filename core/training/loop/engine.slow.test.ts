import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../base/random.ts";
import { openBaseModel } from "../../models/families/index.ts";
import { embedderDir } from "../../models/locate.ts";
import { openTokenizer } from "../../models/tokenizer.ts";
import { stepOn } from "../testing/pytorchSteps.ts";
import { encodeGroup } from "./batches.ts";
import { TrainingEngine } from "./engine.ts";
import { updateScalars } from "./schedule.ts";
import { settingsOf } from "./settings.ts";

const cache = process.env.WINNOW_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "winnow");
const modelDir = embedderDir(cache);
const group = {
  question: "How do I create a Kubernetes Job?",
  passages: [
    "A Job creates one or more Pods and retries them until a given number ends well. kubectl apply -f job.yaml",
    "A Service exposes an application that runs as one or more Pods. ".repeat(8),
    "The kubelet registers the node with the API server.",
  ],
};
const settings = settingsOf({
  ...{ baseDir: modelDir, outDir: "", checkpointDir: "", budgetMinutes: 1, seed: 1, threads: 2 },
  ...{ groups: [group], validation: [] },
});

async function threeSteps(): Promise<{ losses: number[]; weights: Float32Array }> {
  const engine = await TrainingEngine.open(await openBaseModel(modelDir, 1), settings);
  const rows = encodeGroup(await openTokenizer(modelDir), group, settings.maxTokens);
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    losses.push(await stepOn(engine, rows, [1, 0, 0], updateScalars(step, 1, settings), seededRandom(step)));
  }
  await engine.close();
  return { losses, weights: engine.state.weights };
}

describe.skipIf(!existsSync(modelDir))(`the training engine with the weights in ${modelDir}`, () => {
  it("gives equal bits on two threads, and a falling loss", async () => {
    const [first, second] = [await threeSteps(), await threeSteps()];
    expect(first.losses).toEqual(second.losses);
    const bytes = ({ weights }: { weights: Float32Array }) => Buffer.from(weights.buffer);
    expect(Buffer.compare(bytes(first), bytes(second))).toBe(0);
    expect(first.losses[2]).toBeLessThan(first.losses[0]!);
  }, 120_000);
});
