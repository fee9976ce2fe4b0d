import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { eachWindowInput } from "../artifacts/passages.ts";
import { writeJsonLines } from "../base/jsonl.ts";
import type { StoredPassage } from "../docs/windows.ts";
import { trainCrossEncoder } from "../training/loop/trainer.ts";
import { openCrossEncoder } from "./crossEncoder.ts";
import { openBaseModel } from "./families/index.ts";
import { RARITY } from "./matching.ts";
import { tokenRarity } from "./rarity.ts";
import { writeTinyModel } from "./testing/tinyModel.ts";
import { openTokenizer } from "./tokenizer.ts";
import { writeUntrained } from "./untrained.ts";

const folder = (name: string) => mkdtemp(join(tmpdir(), `winnow-rarity-${name}-`));
const passage = (heading: string[], text: string): StoredPassage => ({
  ...{ id: text, page: "p.md", heading, url: "/p", lines: [1, 1] },
  text,
});
const passages = ["the pod runs a container", "the pod is red", "the pod runs a node", "delete the service"];

it("a token's weight is the root of its inverse document frequency over all windows; special tokens have none", async () => {
  const [dir, ingest] = [await folder("model"), await folder("ingest")];
  await writeTinyModel(dir);
  const heading = ["the pod"];
  const cut: StoredPassage = {
    ...passage(heading, passages.join("\n")),
    windows: [
      [0, 24],
      [25, 78],
    ],
  };
  await writeJsonLines(join(ingest, "passages.jsonl"), [...passages.map((text) => passage(heading, text)), cut]);
  const tokenizer = await openTokenizer(dir);
  const { dims, data } = await tokenRarity(tokenizer, eachWindowInput(ingest), 40);
  expect(dims).toEqual([40, 1]);
  const texts = [...passages, passages[0], passages.slice(1).join("\n")].map((text) => `the pod\n${text}`);
  const [first, last] = tokenizer.encode("", 8).ids;
  for (let id = 0; id < 40; id++) {
    const holders = texts.filter((text) => tokenizer.encode(text, 100).ids.includes(id)).length;
    const idf = Math.log(1 + (6 - holders + 0.5) / (holders + 0.5));
    if (id !== first && id !== last) expect(Math.exp(data[id]!)).toBeCloseTo(Math.sqrt(idf), 5);
  }
  expect(Math.exp(Math.max(data[first!]!, data[last!]!))).toBeLessThan(1e-12);
});

it("of a single passage, its tokens count less than all others, and every weight is a number", async () => {
  const dir = await folder("single");
  await writeTinyModel(dir);
  const tokenizer = await openTokenizer(dir);
  const { data } = await tokenRarity(tokenizer, ["the pod"], 40);
  const [, pod, service] = tokenizer.encode("pod service", 8).ids.map((id) => data[id]!);
  expect(pod).toBeLessThan(service!);
  expect(data.every(Number.isFinite)).toBe(true);
});

it("counts 100,000 passages as they come, without keeping them", async () => {
  const dir = await folder("many");
  await writeTinyModel(dir);
  const tokenizer = await openTokenizer(dir);
  const before = process.memoryUsage().heapUsed;
  let most = 0;
  async function* many() {
    for (let n = 0; n < 100_000; n++) {
      yield `${n % 4 === 0 ? "the pod" : "a service"} ${" ".repeat(3000)}${n % 100}`;
      if (n % 5000 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before);
    }
  }
  const { data } = await tokenRarity(tokenizer, many(), 40);
  const [, pod] = tokenizer.encode("pod", 8).ids.map((id) => Math.exp(data[id]!));
  expect(pod).toBeCloseTo(Math.sqrt(Math.log(1 + 75_000.5 / 25_000.5)), 5);
  // All of them together are 300 MB.
  expect(most).toBeLessThan(250e6);
});

it("a reranker is trained with the rarities of its docs, and compared with a model that has the same", async () => {
  const [base, tuned, checkpoints, untrained] = await Promise.all(
    ["untrained", "tuned", "steps", "untrained"].map(folder),
  );
  await writeTinyModel(base!);
  const groups = [{ question: "what runs a container", passages }];
  const texts = [...passages, "the service is red"];
  const options = {
    baseDir: base!,
    groups,
    texts,
    validation: [],
    outDir: tuned!,
    checkpointDir: checkpoints!,
    seed: 1,
  };
  const run = { ...options, budgetMinutes: 1, maxSteps: 2, maxEpochs: 2, threads: 1 };
  await trainCrossEncoder(run, { signal: new AbortController().signal, progress: () => {} });
  await writeUntrained(base!, untrained!, texts);
  const expected = (await tokenRarity(await openTokenizer(base!), texts, 40)).data;
  for (const dir of [tuned!, untrained!]) {
    expect((await openBaseModel(dir, 1)).weights.get(RARITY)!.data).toEqual(expected);
  }
  const reranker = await openCrossEncoder(untrained!, { threads: 1 });
  const [runs, red] = await reranker.score("runs the", ["a pod runs", "the the red"]);
  await reranker.close();
  expect(runs).toBeGreaterThan(red!);
});
