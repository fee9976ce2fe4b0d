import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TinyHome, tinyHome } from "../core/stages/testing/tinyRelease.ts";
import type { Release } from "../core/storage/releases.ts";
import { compareTopic } from "./compare.ts";
import { evaluate } from "./evaluate.ts";
import { rerank } from "./rerank.ts";
import { type SearchedQuestion, search, searchQuestions } from "./search.ts";
import type { Computing, Places } from "./settings.ts";
import { localSettings } from "./testing/settings.ts";

describe("a release without a server", () => {
  let tiny: TinyHome;
  let release: Release;
  let config: Places & Computing;

  beforeAll(async () => {
    tiny = await tinyHome();
    release = await tiny.build(32);
    await tiny.context.releases.promote(release, { expected: null, by: "a test", reason: "the first" });
    config = localSettings(tiny.home);
  });
  afterAll(() => rmSync(tiny.home, { recursive: true, force: true }));

  it("is searched once, and question by question of a set, with the same result", async () => {
    const once = await search(config, "what is red pod", { k: 3 });
    expect(once).toMatchObject({ release: release.id, ranking: "reranked" });
    expect(once.passages.map(({ rank }) => rank.served)).toEqual([1, 2, 3]);
    expect(once.passages[0]!.scores.logit).toBeTypeOf("number");
    const found: SearchedQuestion[] = [];
    for await (const one of searchQuestions(config, tiny.questions, { k: 3, corpus: "things" })) found.push(one);
    expect(found).toHaveLength(12);
    expect(found[0]).toEqual({ id: "pod-red", query: "what is red pod", result: once });
  });

  it("ranks passages with its own reranker, best first", async () => {
    const passages = ["the pod is red", "the node is blue", "create a job"];
    const { model, scores } = await rerank(config, "what is red pod", passages);
    expect(model).toBe(`release ${release.id}`);
    expect(scores.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
    const logits = scores.map(({ logit }) => logit);
    expect(logits).toEqual([...logits].sort((a, b) => b - a));
  });

  it("is evaluated as it serves, and reports its progress", async () => {
    const steps: number[] = [];
    const { ranking, summary } = await evaluate(config, tiny.questions, { onProgress: ({ step }) => steps.push(step) });
    expect(ranking).toBe("reranked");
    expect(summary).toMatchObject({ questions: 12, source: "judged" });
    expect(steps.length).toBeGreaterThan(0);
  });

  it.each([
    ["an empty question", () => search(config, " "), "BadInput"],
    ["a release that is not there", () => search(config, "a", { release: "ffffffffffff" }), "UnknownRelease"],
    ["a corpus that nothing serves", () => search(config, "a", { corpus: "other" }), "UnknownRelease"],
    ["no passages", () => rerank(config, "a", []), "BadInput"],
    ["a missing model", () => rerank(config, "a", ["b"], { model: join(tiny.home, "none") }), "BadInput"],
    ["a missing question set", () => evaluate(config, join(tiny.home, "none.jsonl")), "BadInput"],
    ["an empty topic", () => compareTopic(config, "", { from: "a", to: "b" }), "BadInput"],
  ])("refuses %s by a named error", async (_, work, code) => {
    await expect(work()).rejects.toMatchObject({ name: code, code });
  });
});
