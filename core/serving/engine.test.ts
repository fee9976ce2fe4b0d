import { describe, expect, it } from "vitest";
import type { Ranking } from "../../contracts/passage.ts";
import type { Calibration, Calibrations, Feature } from "../judging/calibration.ts";
import type { Candidate } from "../retrieval/retriever.ts";
import { Engine } from "./engine.ts";

const BEST_BM25 = 20;

function candidate(name: string, rank: number, cosine: number, bm25: number): Candidate {
  const passage = {
    id: name,
    page: `${name}.md`,
    heading: ["Page"],
    url: `/${name}`,
    lines: [1, 2] as [number, number],
    text: name,
  };
  return {
    passage,
    window: 0,
    position: rank,
    bm25,
    bm25Share: bm25 / BEST_BM25,
    cosine,
    fused: 1 / (60 + rank),
    rank,
  };
}

/** relevance = sigmoid of the plain sum of the features. */
function plainSum(features: Feature[], threshold: number): Calibration {
  const each = (value: number) => features.map(() => value);
  const fittedOn = { questions: 1, pairs: 1, relevant: 1 };
  const top = { slope: 1, intercept: 0 };
  const model = { mean: each(0), scale: each(1), weights: each(1), bias: 0 };
  return { features, ...model, top, logitWeight: features.includes("logit") ? 1 : null, threshold, fittedOn };
}

const CALIBRATIONS: Calibrations = {
  reranked: plainSum(["logit", "cosine", "bm25Share"], 0.9),
  retrieval: plainSum(["cosine", "bm25Share"], 0.6),
  logit: null,
  precision: "float32",
};

const THREE = [candidate("a", 1, 0.6, 10), candidate("b", 2, 0.5, 4), candidate("c", 3, 0.5, 4)];

function engine(
  ranking: Ranking,
  logits: Record<string, number> = {},
  calibrations = CALIBRATIONS,
  candidates = THREE,
): Engine {
  return new Engine({
    release: "r1",
    ranking,
    calibrations,
    retriever: {
      passages: candidates.map(({ passage }) => passage),
      retrieve: async (_, k) => candidates.slice(0, k),
      bestBm25: () => BEST_BM25,
      close() {},
    },
    embedder: {
      dim: 2,
      embed: async ({ questions = [], passages = [] }) =>
        new Float32Array([...questions, ...passages].flatMap((text) => (text === "across" ? [0, 1] : [0.6, 0.8]))),
      async close() {},
    },
    reranker:
      ranking === "reranked"
        ? { score: async (_, texts) => texts.map((text) => logits[text.split("\n")[1]!] ?? 0), async close() {} }
        : null,
  });
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe("Engine", () => {
  it("serves by calibrated relevance where the reranker is on, ties as retrieved", async () => {
    const result = await engine("reranked", { a: -3, b: 2, c: 2 }).search("q");
    expect(result.passages.map((p) => p.id)).toEqual(["b", "c", "a"]);
    expect(result.passages.map((p) => p.rank)).toEqual([
      { retrieval: 2, served: 1 },
      { retrieval: 3, served: 2 },
      { retrieval: 1, served: 3 },
    ]);
    expect(result.passages[0]!.scores).toMatchObject({ logit: 2, bm25: 4, cosine: 0.5 });
    expect(result.passages[0]!.scores.relevance).toBeCloseTo(sigmoid(2 + 0.5 + 0.2), 9);
    expect(result).toMatchObject({ release: "r1", ranking: "reranked", threshold: 0.9, abstain: false });
  });

  it("gives candidates their texts back, and refuses those of another release", async () => {
    const serving = engine("retrieval");
    const [first] = await serving.retrieve("q", 1);
    const { text, ...light } = first!;
    expect(serving.withTexts([light])).toEqual([{ ...light, text }]);
    expect(() => serving.withTexts([{ ...light, id: "z" }])).toThrow(/has no passage z/);
  });

  it("measures sentences by their cosine to the question", async () => {
    const [same, across] = await engine("retrieval").similarities("q", ["near", "across"]);
    expect(same).toBeCloseTo(1, 6);
    expect(across).toBeCloseTo(0.8, 6);
  });

  it("abstains when no passage reaches the threshold", async () => {
    expect((await engine("reranked", { a: 1, b: 1, c: 1 }).search("q")).abstain).toBe(true);
    expect(engine("retrieval").result([]).abstain).toBe(true);
  });

  it("reranks and judges the same candidates however many are shown; deeper ones follow as retrieved", async () => {
    const deep = Array.from({ length: 35 }, (_, i) => candidate(`p${i}`, i + 1, 0.3, 4));
    const serving = engine("reranked", { p2: 5, p31: 9 }, CALIBRATIONS, deep);
    const [few, usual, many] = await Promise.all([1, 30, 35].map((k) => serving.search("q", k)));
    expect([few, usual, many].map((result) => result!.passages.length)).toEqual([1, 30, 35]);
    expect([few, usual, many].map((result) => result!.passages[0]!.id)).toEqual(["p2", "p2", "p2"]);
    expect(new Set([few, usual, many].map((result) => result!.abstain)).size).toBe(1);
    expect(many!.passages.slice(30).map(({ id, scores, rank }) => [id, scores.logit, rank.served])).toEqual(
      [31, 32, 33, 34, 35].map((rank) => [`p${rank - 1}`, null, rank]),
    );
  });

  it("serves in the order of fusion, with no logit, where the reranker is off", async () => {
    const result = await engine("retrieval").search("q", 2);
    expect(result.passages.map((p) => [p.id, p.scores.logit])).toEqual([
      ["a", null],
      ["b", null],
    ]);
    expect(result.passages[0]!.scores.relevance).toBeCloseTo(sigmoid(0.6 + 0.5), 9);
    expect(result.threshold).toBe(0.6);
  });

  it("gives the same in two steps, through JSON, as in one", async () => {
    const both = engine("reranked", { a: 0, b: 3, c: 1 });
    const retrieved = JSON.parse(JSON.stringify(await both.retrieve("q", 30)));
    expect(both.result(await both.rerank("q", retrieved))).toEqual(await both.search("q", 30));
  });

  it("refuses a reranked release without the calibration for it", () => {
    const lacking = { ...CALIBRATIONS, reranked: null };
    expect(() => engine("reranked", {}, lacking)).toThrow(/r1 .*no calibration/);
  });
});
