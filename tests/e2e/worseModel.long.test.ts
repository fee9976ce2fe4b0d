import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCliConfig } from "../../config/cliConfig.ts";
import type { AskResult } from "../../contracts/ask.ts";
import type { PipelineResult } from "../../contracts/pipeline.ts";
import { seededRandom, shuffled } from "../../core/base/random.ts";
import { embedderDir, modelsDir, trainedBaseDir } from "../../core/models/locate.ts";
import { readSafetensors, writeSafetensors } from "../../core/models/safetensors.ts";
import { freshHome, root, winnow, winnowJson } from "./command.ts";

const { cache } = readCliConfig();
const QUESTION = "How do I create a Job?";
const run = ["run", "--docs", join(root, "samples", "docs"), "--questions", join(root, "samples", "questions.jsonl")];
const options = ["--name", "worse", "--budget", "1", "--least-steps", "1"];

/** A cache whose base model is useless: the weights of each matrix are shuffled. */
async function cacheWithWorseBase(): Promise<string> {
  const other = await mkdtemp(join(tmpdir(), "winnow-worse-"));
  await mkdir(modelsDir(other));
  for (const name of ["bin", "faiss-node"]) await symlink(join(cache, name), join(other, name));
  await symlink(embedderDir(cache), embedderDir(other));
  const base = trainedBaseDir(other);
  await cp(embedderDir(cache), base, { recursive: true });
  const random = seededRandom(3);
  const weights = await readSafetensors(join(base, "model.safetensors"));
  for (const { dims, data } of weights.values()) if (dims.length === 2) data.set(shuffled(data, random));
  await writeSafetensors(join(base, "model.safetensors"), weights);
  return other;
}

/** Two runs of the sample pipeline with real weights; about 6 minutes on 2 cores. */
describe("a model that is worse than the served one", () => {
  let home: string;
  let remove: () => Promise<void>;
  let worse: string;
  let first: PipelineResult;
  let second: PipelineResult;

  beforeAll(async () => {
    ({ home, remove } = await freshHome());
    worse = await cacheWithWorseBase();
    first = await winnowJson<PipelineResult>(home, [...run, ...options]);
    const env = { ...process.env, WINNOW_CACHE: worse };
    const { code, stdout, stderr } = await winnow(home, [...run, ...options, "--json"], { env });
    expect(code, stderr).toBe(0);
    second = JSON.parse(stdout) as PipelineResult;
  });
  afterAll(async () => {
    await remove();
    await rm(worse, { recursive: true, force: true });
  });

  it("is trained and evaluated like any other: another base trains again on the same index", () => {
    expect(first.promoted).toBe(true);
    const ran = second.stages.filter(({ skipped }) => !skipped).map(({ name }) => name);
    expect(ran).toEqual(expect.arrayContaining(["train", "evaluate"]));
    expect(ran).not.toContain("embed");
    const logitOf = (result: PipelineResult) =>
      Math.max(
        ...result
          .evaluation!.ladder.filter(({ name }) => /tuned/.test(name))
          .map((row) => row.metrics["ndcg@10"].value),
      );
    expect(logitOf(second)).toBeLessThan(logitOf(first));
  });

  it("is kept back by the gate, which reports the numbers", () => {
    expect(second.promoted).toBe(false);
    const failed = second.gate!.criteria.filter(({ passed }) => !passed);
    expect(failed.map(({ detail }) => detail).join()).toMatch(/needs/);
    expect(second.gate!.reason).not.toBe("");
  });

  it("leaves the champion in service", async () => {
    const { receipt } = await winnowJson<AskResult>(home, ["ask", QUESTION, "--corpus", "worse"]);
    expect(receipt.release).toBe(first.release);
  });
});
