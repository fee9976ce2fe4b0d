import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WinnowError } from "../core/base/errors.ts";
import { type TinyHome, tinyHome } from "../core/stages/testing/tinyRelease.ts";
import type { Release } from "../core/storage/releases.ts";
import { compareTopic } from "./compare.ts";
import { docsHealth } from "./docsHealth.ts";
import { evaluate } from "./evaluate.ts";
import { NearDuplicatePassages } from "./nearDuplicates.ts";
import { compareQuestions } from "./questionDifferences.ts";
import { releaseDetails } from "./releaseDetails.ts";
import { releasesByCorpus } from "./releaseShelf.ts";
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

  it("is shown with its quality, its ledger and its curves", async () => {
    const [things] = await releasesByCorpus(config);
    expect(things).toMatchObject({ corpus: "things", champion: release.id, before: null, total: 1, damaged: null });
    const { quality } = things!.releases[0]!;
    expect(quality).toMatchObject({ source: "judged", questions: 12, ndcg: { value: expect.any(Number) } });
    const { curves, parts, served } = await releaseDetails(config, release.id);
    expect(served).toBe(true);
    expect(parts.map(({ name }) => name)).toContain("build-index");
    expect(curves!.rates).toHaveLength(51);
    // Nothing is refused at 0, and the set has no question that the docs do not answer.
    expect(curves!.rates[0]).toEqual({ threshold: 0, falseAnswerRate: null, falseRefusalRate: 0 });
    const refused = curves!.rates.map(({ falseRefusalRate }) => falseRefusalRate!);
    expect(refused).toEqual([...refused].sort((a, b) => a - b));
  });

  it("does not differ from itself on any question", async () => {
    const { questions, mean, sameSet } = await compareQuestions(config, release.id, release.id);
    expect([questions.length, sameSet, mean?.value]).toEqual([12, true, 0]);
    expect(new Set(questions.map(({ change }) => change))).toEqual(new Set(["unchanged"]));
    for (const { a } of questions) expect(a.rank === null ? 0 : 1 / a.rank).toBeLessThanOrEqual(1);
  });

  it("shows the state of its docs without Temporal, and says that it is away", async () => {
    const away = () => Promise.reject(new WinnowError("TemporalUnreachable", "nobody answers"));
    const health = await docsHealth({ ...config, payloadKeys: null }, away);
    expect(health).toMatchObject({ corpus: "things", release: release.id, pages: 4, away: true });
    expect(health.asked).toMatchObject({ refused: { total: 0 }, read: 0 });
    expect(health.reachedBy).toEqual({ judged: 12, asked: 0 });
    expect(health.stale).toEqual({ shown: [], total: 0 });
    const duplicates = new NearDuplicatePassages(config);
    expect(await duplicates.of("things", 5000)).toEqual({ shown: [], total: 0 });
    await expect(docsHealth({ ...config, payloadKeys: null }, away, "other")).rejects.toMatchObject({
      code: "UnknownRelease",
    });
  });

  it("counts no question as asked whose text and sources nobody can read here", async () => {
    const payloads = [{ metadata: { encoding: Buffer.from("binary/encrypted") }, data: new Uint8Array() }];
    const events = [
      { workflowExecutionStartedEventAttributes: { input: { payloads } } },
      { workflowExecutionCompletedEventAttributes: { result: { payloads } } },
    ];
    const workflowService = {
      listWorkflowExecutions: async () => ({ executions: [{ execution: { workflowId: "ask-1", runId: "r" } }] }),
      getWorkflowExecutionHistory: async () => ({ history: { events } }),
    };
    const options = { namespace: "default", loadedDataConverter: { payloadCodecs: [] } };
    const client = { workflowService, options } as unknown as Client;
    const health = await docsHealth({ ...config, payloadKeys: null }, (work) => work(client));
    expect(health.asked).toMatchObject({ read: 1, hidden: 1, unreadable: 0 });
    expect(health.reachedBy).toEqual({ judged: 12, asked: 0 });
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
