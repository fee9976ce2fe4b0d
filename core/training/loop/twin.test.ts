import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openCrossEncoder, type Reranker } from "../../models/crossEncoder.ts";
import { writeTinyModel } from "../../models/testing/tinyModel.ts";
import { addTwin, writeUntrained } from "../../models/untrained.ts";
import { integerProductsSaturate } from "../../onnx/integerProducts.ts";

const QUESTIONS = ["what is blue", "what is red", "how do i create a job"];
const PASSAGES = [
  "the pod is red",
  "the node is blue",
  "the job is green",
  "a red pod",
  "create a job",
  "delete the service",
];

async function scores({ score }: Reranker): Promise<number[]> {
  const all: number[] = [];
  for (const question of QUESTIONS) all.push(...(await score(question, PASSAGES)));
  return all;
}

function deviation(values: number[]): number {
  return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
}

it("an export has an int8 twin with nearly the same logits, the same for a single pair; float32 serves if the processor computes it wrongly", async () => {
  const [base, out] = await Promise.all(
    ["untrained", "out"].map((name) => mkdtemp(join(tmpdir(), `winnow-twin-${name}-`))),
  );
  await writeTinyModel(base!);
  await writeUntrained(base!, out!, null);
  await addTwin(out!);
  const [exact, twin] = [await openCrossEncoder(out!), await openCrossEncoder(out!, { precision: "int8" })];
  const [a, b] = [await scores(exact), await scores(twin)];
  const mean = a.reduce((sum, x) => sum + x, 0) / a.length;
  if (await integerProductsSaturate()) expect(b).toEqual(a);
  else expect(b).not.toEqual(a);
  expect(deviation(b.map((x, i) => x - a[i]!))).toBeLessThan(0.03 * deviation(a.map((x) => x - mean)));
  const [alone] = await twin.score(QUESTIONS[0]!, PASSAGES.slice(0, 1));
  expect(alone).toBeCloseTo(b[0]!, 4);
  await Promise.all([exact.close(), twin.close()]);
});
