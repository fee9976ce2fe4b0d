import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { TrainingEngine } from "../training/loop/engine.ts";
import { openCrossEncoder } from "./crossEncoder.ts";
import { openBaseModel } from "./families/index.ts";
import { writeTinyModel } from "./testing/tinyModel.ts";
import { openTokenizer } from "./tokenizer.ts";
import { writeUntrained } from "./untrained.ts";

it("the untrained reranker scores like training's start, whatever the seed: a passage that repeats the question ranks first", async () => {
  const folders = await Promise.all(
    ["untrained", "out"].map((name) => mkdtemp(join(tmpdir(), `winnow-untrained-${name}-`))),
  );
  const [base, out] = folders as [string, string];
  await writeTinyModel(base);
  await writeUntrained(base, out, null);
  const passages = ["the pod runs a container", "what is a node", "delete the red service"];
  const reranker = await openCrossEncoder(out, { threads: 1 });
  const logits = await reranker.score("what is a node", passages);
  await reranker.close();
  expect(logits.indexOf(Math.max(...logits))).toBe(1);

  const options = { loss: "listwise", dropout: 0, threads: 1, beta1: 0.9, beta2: 0.999, maxNorm: 1 } as const;
  const engine = await TrainingEngine.open(await openBaseModel(base, 7), options);
  const tokenizer = await openTokenizer(base);
  const started = await engine.score(passages.map((passage) => tokenizer.encodePair("what is a node", passage, 64)));
  await engine.close();
  started.forEach((logit, i) => {
    expect(logit).toBeCloseTo(logits[i]!, 4);
  });
});
