import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { projectRoot } from "../config/read.ts";
import { writeTinyModel } from "../core/models/testing/tinyModel.ts";
import { type TinyHome, tinyHome } from "../core/stages/testing/tinyRelease.ts";
import * as winnow from "./library.ts";

const guide = readFileSync(join(projectRoot, "docs", "guide", "library.md"), "utf8");
const examples = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);

let tiny: TinyHome;
beforeAll(async () => {
  tiny = await tinyHome();
  const release = await tiny.build(32);
  await tiny.context.releases.promote(release, { expected: null, by: "a test", reason: "the first" });
  mkdirSync(join(tiny.home, "encoder"));
  await writeTinyModel(join(tiny.home, "encoder"), 32, 32);
  const pair = { query: "red pod", positive: "the pod is red", negatives: ["the node is blue", "the job is green"] };
  const pairs = Array.from({ length: 40 }, (_, at) => `${JSON.stringify({ ...pair, query: `red pod ${at}` })}\n`);
  writeFileSync(join(tiny.home, "pairs.jsonl"), pairs.join(""));
});
afterAll(() => rmSync(tiny.home, { recursive: true, force: true }));

/** Runs an example of the guide with the folders and names of this test. Gives what it printed. */
async function run(example: string): Promise<unknown[][]> {
  const here = example
    .replaceAll("/srv/winnow", tiny.home)
    .replaceAll("/data", tiny.home)
    .replace('corpus: "handbook"', 'corpus: "things"')
    .replace("budget: 20", "budget: 0.005");
  const { code } = await transform(here, { loader: "ts" });
  const body = code.replace(/import (\{.*?\}) from "winnow";/s, "const $1 = winnow;");
  const printed: unknown[][] = [];
  const console = { log: (...values: unknown[]) => printed.push(values), error: () => {} };
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  await new AsyncFunction("winnow", "console", body)(winnow, console);
  return printed;
}

describe("the guide's examples", () => {
  it("are one for each function", () => {
    expect(examples.map((code) => /import \{ (\w+)/.exec(code)?.[1])).toEqual([
      "openRelease",
      "trainCrossEncoder",
      "evaluate",
    ]);
  });

  it("search a release and answer from it", async () => {
    const printed = await run(examples[0]!);
    expect(printed).toHaveLength(11);
    expect(printed[0]).toEqual([
      expect.stringMatching(/^[01]\.\d\d$/),
      expect.stringContaining(" > "),
      expect.any(String),
    ]);
    const [abstain, kind] = printed.at(-1)!;
    expect(abstain).toBeTypeOf("boolean");
    expect(["extractive", "unsure", "abstained"]).toContain(kind);
  });

  it("train a cross-encoder", async () => {
    const [[out, steps, bestStep]] = (await run(examples[1]!)) as [[string, number, number]];
    expect(out).toBe(join(tiny.home, "tuned"));
    expect(steps).toBeGreaterThan(0);
    expect(bestStep).toBeLessThanOrEqual(steps);
    expect(existsSync(join(out, "onnx", "model.onnx"))).toBe(true);
  });

  it("evaluate a release", async () => {
    const [[questions, ndcg]] = (await run(examples[2]!)) as [[number, number]];
    expect(questions).toBe(12);
    expect(ndcg).toBeGreaterThan(0);
    expect(ndcg).toBeLessThanOrEqual(1);
  });
});

const TRAINING = { pairs: "p", base: "b", out: "o", budget: 1, seed: 1 };
const WRONG_TRAINING = {
  ...{ budget: Number.NaN, seed: 1.5, questions: "", loss: "hinge", distillation: 2, learningRate: "2e-5" },
  ...{ headLearningRate: 0, questionsPerStep: 0, passages: 1, maxTokens: 3, epochs: Number.POSITIVE_INFINITY },
  ...{ patience: -1, frozenLayers: 0.5, layers: "some", signal: true, onProgress: "print" },
};
const wrongCalls: [call: unknown, given: unknown, problem: string | RegExp][] = [
  [winnow.openRelease, undefined, "home: "],
  [winnow.openRelease, { home: "" }, "home: is empty"],
  [winnow.openRelease, { home: "/tmp/a\0b" }, "home: holds a NUL character"],
  [winnow.openRelease, { home: "/tmp", settings: { WINNOW_THREADS: 2 } }, "settings.WINNOW_THREADS: "],
  [winnow.evaluate, { home: "/tmp" }, "questions: "],
  [winnow.evaluate, { home: "/tmp", questions: "q", signal: {} }, "signal: must be an AbortSignal"],
  ...Object.entries(WRONG_TRAINING).map(([name, value]): [unknown, unknown, RegExp] => [
    ...([winnow.trainCrossEncoder, { ...TRAINING, [name]: value, base: "\0" }] as const),
    new RegExp(`base: .*; ${name}: `),
  ]),
  [winnow.trainCrossEncoder, { ...TRAINING, learningrate: 1 }, 'Unrecognized key: "learningrate"'],
  [winnow.trainCrossEncoder, { ...TRAINING, layers: "joint", frozenLayers: 1 }, "frozenLayers: must be 0 with layers"],
];

describe("the library", () => {
  it.each(wrongCalls)("%o names what is wrong with %j", async (call, given, problem) => {
    const message = typeof problem === "string" ? expect.stringContaining(problem) : expect.stringMatching(problem);
    await expect((call as (given: unknown) => Promise<unknown>)(given)).rejects.toMatchObject({
      code: "BadInput",
      message,
    });
  });

  it("scores passages with the release's reranker, whatever the environment says", async () => {
    vi.stubEnv("WINNOW_THREADS", "none");
    vi.stubEnv("WINNOW_ARTIFACTS", "not an address");
    const release = await winnow.openRelease({ home: tiny.home });
    vi.unstubAllEnvs();
    for (const k of [0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(release.search("red pod", k)).rejects.toMatchObject({ code: "BadInput" });
    await expect(release.answer(5 as never)).rejects.toMatchObject({ code: "BadInput" });
    await expect(release.rerank("red pod", "the pod is red" as never)).rejects.toMatchObject({ code: "BadInput" });
    const { scores } = await release.rerank("what is red pod", ["the pod is red", " ", "the node is blue"]);
    await release.close();
    expect(scores.map(({ index }) => index).sort()).toEqual([0, 2]);
    expect(scores[0]!.logit).toBeGreaterThanOrEqual(scores[1]!.logit);
  });

  it.each([
    [{ WINNOW_THREADS: "many" }, /WINNOW_THREADS/],
    [{ WINNOW_THREDS: "2" }, /did you mean WINNOW_THREADS/],
  ])("refuses the settings %j", async (settings, message) => {
    const refused = winnow.openRelease({ home: tiny.home, settings });
    await expect(refused).rejects.toMatchObject({ code: "BadInput", message: expect.stringMatching(message) });
  });
});
