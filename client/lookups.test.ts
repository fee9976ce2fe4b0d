import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TinyHome, tinyHome } from "../core/stages/testing/tinyRelease.ts";
import type { Release } from "../core/storage/releases.ts";
import { type LookupLimits, type Lookups, openLookups } from "./lookups.ts";
import { rerank } from "./rerank.ts";
import { search } from "./search.ts";
import type { Computing, Places } from "./settings.ts";
import { localSettings } from "./testing/settings.ts";

const QUESTION = "what is red pod";

/** Ids of this process's compute processes that serve an engine. */
function engines(): number[] {
  const listed = execFileSync("ps", ["-axo", "pid=,ppid=,args="], { encoding: "utf8" });
  return listed
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*child\.ts.* engine)$/.exec(line))
    .flatMap((found) => (found && Number(found[2]) === process.pid ? [Number(found[1])] : []));
}

describe("lookups of a server", () => {
  let tiny: TinyHome;
  let first: Release;
  let config: Places & Computing;
  /** Lookups of all tests that need no limits of their own: opening an engine takes a second of processor time. */
  let lookups: Lookups;
  const opened: Lookups[] = [];
  const open = async (limits?: LookupLimits) => {
    const lookups = await openLookups(config, limits);
    opened.push(lookups);
    return lookups;
  };

  beforeAll(async () => {
    tiny = await tinyHome();
    first = await tiny.build(32);
    await tiny.context.releases.promote(first, { expected: null, by: "a test", reason: "the first" });
    config = localSettings(tiny.home);
    lookups = await open();
  });
  afterAll(async () => {
    await Promise.all(opened.map((lookups) => lookups.close()));
    rmSync(tiny.home, { recursive: true, force: true });
    expect(engines()).toEqual([]);
  });

  it("give what the commands give, from one process for many calls", async () => {
    expect(await lookups.search(QUESTION, { k: 3 })).toEqual(await search(config, QUESTION, { k: 3 }));
    const passages = ["the pod is red", "", "the node is blue", "create a job"];
    const reranked = await lookups.rerank(QUESTION, passages, { release: first.id.slice(0, 6) });
    const once = await rerank(config, QUESTION, passages);
    expect(reranked.model).toBe(`release ${first.id}`);
    expect(reranked.scores.map(({ index }) => index)).toEqual(once.scores.map(({ index }) => index));
    expect([...reranked.scores.map(({ index }) => index)].sort()).toEqual([0, 2, 3]);
    for (const [at, { logit, probability }] of reranked.scores.entries()) {
      expect(logit).toBeCloseTo(once.scores[at]!.logit, 5);
      expect(probability).toBeCloseTo(once.scores[at]!.probability, 5);
    }
    expect(engines()).toHaveLength(1);
  });

  it("find a passage by its id, and nothing for another id", async () => {
    const { passages } = await lookups.search(QUESTION, { k: 1 });
    const { id, page, text } = passages[0]!;
    expect(await lookups.passage(id, { corpus: "things" })).toMatchObject({
      release: first.id,
      corpus: "things",
      passage: { id, page, text },
    });
    expect(await lookups.passage("0123456789abcdef")).toBeNull();
  });

  it("quote the passages that an answer would use, flagged and with the reason", async () => {
    const { passages, threshold } = await lookups.search(QUESTION);
    const relevant = passages.filter(({ scores }) => scores.relevance >= threshold).slice(0, 2);
    const degraded = await lookups.degraded(QUESTION, { why: "it did not answer within 9 s", passages: 2 });
    expect(degraded).toMatchObject({ kind: "degraded", receipt: { release: first.id, corpus: "things", model: null } });
    expect(degraded.answer).toContain("it did not answer within 9 s");
    expect(degraded.citations.map(({ page, heading }) => [page, heading.at(-1)])).toEqual(
      relevant.map(({ page, heading }) => [page, heading.at(-1)]),
    );
  });

  it("find the page of a passage, in its order", async () => {
    const { passages } = await lookups.search(QUESTION, { k: 1 });
    const { id, page } = passages[0]!;
    const found = await lookups.page(id);
    expect(found).toMatchObject({ release: first.id, corpus: "things" });
    expect(found!.passages.map((passage) => [passage.page, passage.heading.at(-1)])).toEqual(
      ["red", "blue", "green"].map((colour) => [page, colour]),
    );
    expect(await lookups.page("0123456789abcdef")).toBeNull();
  });

  it("score every text of a long list, and report those that were read in part", async () => {
    const texts = Array.from({ length: 70 }, (_, n) => `the ${n % 2 ? "pod" : "node"} is red ${"and blue ".repeat(n)}`);
    texts[5] = "the pod is red ".repeat(200);
    const { scores, questionTruncated } = await lookups.rerank(QUESTION, texts);
    expect(scores.map(({ index }) => index).sort((a, b) => a - b)).toEqual(texts.map((_, at) => at));
    expect(scores.map(({ logit }) => logit)).toEqual(scores.map(({ logit }) => logit).sort((a, b) => b - a));
    expect(scores.find(({ index }) => index === 5)!.truncated).toBe(true);
    expect(scores.find(({ index }) => index === 0)!.truncated).toBe(false);
    expect(questionTruncated).toBe(false);
    expect((await lookups.rerank("what is red pod ".repeat(30), ["a pod"])).questionTruncated).toBe(true);
    expect((await lookups.rerank(QUESTION, ["", " "])).scores).toEqual([]);
  });

  it("open an engine anew after its process was killed, and fail no call", async () => {
    const before = await lookups.search(QUESTION, { k: 2 });
    const [own] = engines();
    process.kill(own!, "SIGKILL");
    const again = Promise.all([lookups.search(QUESTION, { k: 2 }), lookups.search(QUESTION, { k: 2 })]);
    expect(await again).toEqual([before, before]);
    expect(engines()).not.toContain(own);
  });

  it("follow the champion between calls, and keep serving an older release by its id", async () => {
    expect((await lookups.search(QUESTION)).release).toBe(first.id);
    const second = await tiny.build(48);
    await tiny.context.releases.promote(second, { expected: first.id, by: "a test", reason: "the second" });
    const [newer, older] = await Promise.all([
      lookups.search(QUESTION),
      lookups.search(QUESTION, { release: first.id }),
    ]);
    expect([newer.release, older.release]).toEqual([second.id, first.id]);
    await tiny.context.releases.promote(first, { expected: second.id, by: "a test", reason: "back again" });
    expect((await lookups.search(QUESTION)).release).toBe(first.id);
  });

  it("unload a release that nobody asks any more, and load it again for the next call", async () => {
    const before = engines().length;
    const impatient = await open({ idleMs: 300 });
    await impatient.search(QUESTION);
    expect(engines()).toHaveLength(before + 1);
    await expect.poll(() => engines().length, { timeout: 10_000 }).toBe(before);
    expect((await impatient.search(QUESTION)).release).toBe(first.id);
  });

  it("refuse a call when too many wait, with the time to wait", async () => {
    const narrow = await open({ waiting: 1 });
    const ends = await Promise.allSettled([1, 2, 3, 4, 5].map(() => narrow.search(QUESTION)));
    const refused = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    expect(refused).toHaveLength(2);
    for (const reason of refused) {
      expect(reason.code).toBe("Busy");
      expect(reason.retryAfterMs).toBeGreaterThanOrEqual(1000);
    }
  });

  it("end a call at once when its caller leaves, and take the next one", async () => {
    await lookups.search(QUESTION);
    const leave = new AbortController();
    const texts = Array.from({ length: 3000 }, (_, n) => `the pod ${n} is red`);
    const call = lookups.rerank(QUESTION, texts, { signal: leave.signal });
    setTimeout(() => leave.abort(), 50);
    await expect(call).rejects.toMatchObject({ code: "Cancelled" });
    await expect(lookups.search(QUESTION, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "Cancelled",
    });
    expect((await lookups.search(QUESTION, { k: 1 })).passages).toHaveLength(1);
  });

  it.each<[string, (lookups: Lookups) => Promise<unknown>, string]>([
    ["an empty question", (lookups) => lookups.search(" "), "BadInput"],
    ["a question beyond the limit", (lookups) => lookups.rerank("a".repeat(10_001), ["b"]), "BadInput"],
    ["an unknown release", (lookups) => lookups.search("a", { release: "ffffffffffff" }), "UnknownRelease"],
    ["an unknown corpus", (lookups) => lookups.passage("a", { corpus: "other" }), "UnknownRelease"],
  ])("refuse %s by a named error", async (_, call, code) => {
    await expect(call(lookups)).rejects.toMatchObject({ name: code, code });
  });

  it("load nothing once they are closed", async () => {
    const closed = await openLookups(config);
    await closed.close();
    await expect(closed.search(QUESTION)).rejects.toMatchObject({ code: "Cancelled" });
  });
});
