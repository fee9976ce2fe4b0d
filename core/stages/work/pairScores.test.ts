import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCachedScorer } from "./pairScores.ts";

/** Scores a passage by its length, and records the calls. */
function model() {
  const asked: string[] = [];
  const open = async () => ({
    async score(question: string, passages: readonly string[]) {
      asked.push(...passages.map((passage) => `${question}/${passage}`));
      return passages.map((passage) => passage.length + 0.25);
    },
    close: async () => {},
  });
  return { asked, open };
}

describe("scores of question and passage", () => {
  let root: string;
  let modelDir: string;
  const options = () => ({ cacheDir: join(root, "scores"), precision: "float32" as const, threads: 1, code: "1" });
  const score = async (question: string, passages: string[], changed = {}) => {
    const { asked, open } = model();
    const scorer = await openCachedScorer(modelDir, { ...options(), ...changed }, open);
    const logits = await scorer.score(question, passages);
    const { scored } = scorer;
    const time = scorer.measured(question);
    await scorer.close();
    return { asked, logits, scored, time };
  };
  const segments = async () => {
    const [folder] = await readdir(options().cacheDir);
    const at = join(options().cacheDir, folder!);
    return (await readdir(at)).map((name) => join(at, name));
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "winnow-scores-"));
    modelDir = join(root, "model");
    await mkdir(join(modelDir, "onnx"), { recursive: true });
    await writeFile(join(modelDir, "onnx", "model.onnx"), "weights");
    await writeFile(join(modelDir, "tokenizer.json"), "{}");
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("scores only new pairs, and returns the time of a question from when all its pairs were new", async () => {
    const first = await score("q", ["a", "bb"]);
    const second = await score("q", ["bb", "ccc", "a"]);
    expect(second).toMatchObject({ asked: ["q/ccc"], logits: [2.25, 3.25, 1.25], scored: 1 });
    expect(second.time).toBeCloseTo(first.time!, 3);
    expect((await score("other", ["a"])).asked).toEqual(["other/a"]);
  });

  it("never opens a model if all its pairs are known", async () => {
    await score("q", ["a"]);
    const never = () => Promise.reject(new Error("opened"));
    const scorer = await openCachedScorer(modelDir, options(), never);
    expect(await scorer.score("q", ["a"])).toEqual([1.25]);
  });

  it("scores anew with other weights, another tokenizer or other code", async () => {
    await score("q", ["a"]);
    expect((await score("q", ["a"], { code: "2" })).scored).toBe(1);
    await writeFile(join(modelDir, "tokenizer.json"), "[]");
    expect((await score("q", ["a"])).scored).toBe(1);
    await writeFile(join(modelDir, "onnx", "model.onnx"), "other weights");
    expect((await score("q", ["a"])).scored).toBe(1);
  });

  it("times a question again with another number of threads", async () => {
    await score("q", ["a", "bb"]);
    expect((await score("q", ["a", "bb"], { threads: 2 })).asked).toEqual(["q/a", "q/bb"]);
  });

  it("scores the pairs of a damaged or truncated segment again", async () => {
    await score("q", ["a"]);
    const [segment] = await segments();
    const bytes = await readFile(segment!);
    bytes[60]! ^= 1;
    await writeFile(segment!, bytes);
    expect(await score("q", ["a"])).toMatchObject({ logits: [1.25], scored: 1 });
    const [again] = await segments();
    await writeFile(again!, (await readFile(again!)).subarray(0, 50));
    expect((await score("q", ["a"])).scored).toBe(1);
  });

  it("imports scores, but scores twenty questions itself to time them", async () => {
    const exportTo = join(root, "shard");
    const questions = Array.from({ length: 25 }, (_, n) => `q${n}`);
    await score("known there, not asked", ["a"]);
    const elsewhere = await openCachedScorer(modelDir, { ...options(), exportTo }, model().open);
    for (const question of questions) await elsewhere.score(question, ["a", "bb"]);
    await elsewhere.close();
    const { asked, open } = model();
    const here = { ...options(), cacheDir: join(root, "here"), imports: [exportTo, join(root, "empty")] };
    const scorer = await openCachedScorer(modelDir, here, open);
    for (const question of questions) expect(await scorer.score(question, ["a", "bb"])).toEqual([1.25, 2.25]);
    expect(asked).toHaveLength(40);
    expect([scorer.measured("q19"), scorer.measured("q20")]).toEqual([expect.any(Number), undefined]);
    expect(await scorer.score("q24", ["new", "a"])).toEqual([3.25, 1.25]);
    await scorer.score("known there, not asked", ["a"]);
    expect(asked.slice(40)).toEqual(["q24/new", "known there, not asked/a"]);
    await scorer.close();
  });

  it("keeps only the scores of the last evaluation once there are many segments", async () => {
    for (let n = 0; n < 34; n++) await score("q", [`${n}`]);
    expect((await segments()).length).toBeLessThan(5);
    expect((await score("q", ["33"])).scored).toBe(0);
    expect((await score("q", ["0"])).scored).toBe(1);
  });
});
