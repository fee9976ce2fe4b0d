import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { trainCrossEncoder } from "../training/loop/trainer.ts";
import { openCrossEncoder } from "./crossEncoder.ts";
import { openBaseModel } from "./families/index.ts";
import { RARITY } from "./matching.ts";
import { tokenRarity } from "./rarity.ts";
import { writeTinyModel } from "./testing/tinyModel.ts";
import { openTokenizer } from "./tokenizer.ts";
import { writeUntrained } from "./untrained.ts";

const folder = (name: string) => mkdtemp(join(tmpdir(), `winnow-rarity-${name}-`));
const passages = ["the pod runs a container", "the pod is red", "the pod runs a node", "delete the service"];

it("a token's weight is the root of its inverse document frequency, with each passage counted once; special tokens have none", async () => {
  const dir = await folder("model");
  await writeTinyModel(dir);
  const tokenizer = await openTokenizer(dir);
  const { dims, data } = tokenRarity(tokenizer, [...passages, passages[0]!], 40);
  expect(dims).toEqual([40, 1]);
  const [first, pod, service, last] = tokenizer.encode("pod service", 8).ids.map((id) => Math.exp(data[id]!));
  expect(pod).toBeCloseTo(Math.sqrt(Math.log(1 + 1.5 / 3.5)), 5);
  expect(service).toBeCloseTo(Math.sqrt(Math.log(1 + 3.5 / 1.5)), 5);
  expect(Math.max(first!, last!)).toBeLessThan(1e-12);
});

it("a reranker is trained with the rarities of its own docs, and compared with a model that has the same", async () => {
  const [base, tuned, checkpoints, untrained] = await Promise.all(
    ["untrained", "tuned", "steps", "untrained"].map(folder),
  );
  await writeTinyModel(base!);
  const groups = [{ question: "what runs a container", passages }];
  const options = { baseDir: base!, groups, validation: [], outDir: tuned!, checkpointDir: checkpoints!, seed: 1 };
  const run = { ...options, budgetMinutes: 1, maxSteps: 2, maxEpochs: 2, threads: 1 };
  await trainCrossEncoder(run, { signal: new AbortController().signal, progress: () => {} });
  await writeUntrained(base!, untrained!, passages);
  const expected = tokenRarity(await openTokenizer(base!), passages, 40).data;
  for (const dir of [tuned!, untrained!]) {
    expect((await openBaseModel(dir, 1)).weights.get(RARITY)!.data).toEqual(expected);
  }
  const reranker = await openCrossEncoder(untrained!, { threads: 1 });
  const [runs, red] = await reranker.score("runs the", ["a pod runs", "the the red"]);
  await reranker.close();
  expect(runs).toBeGreaterThan(red!);
});
