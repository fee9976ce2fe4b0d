import { describe, expect, it } from "vitest";
import { withoutTexts } from "./ranked.ts";
import { CALIBRATIONS, candidate, engine } from "./testing/engineFixture.ts";

const USUAL = { corpus: "docs", k: 30, passages: 4 };
const ASKED = { question: "q", corpus: "docs", passages: 4, states: [] };

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

describe("Engine", () => {
  it("serves by calibrated relevance if the reranker is on, with ties in retrieval order", async () => {
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

  it("passes a model the candidates of a search, through JSON and without texts", async () => {
    const serving = engine("reranked", { a: 0, b: 3, c: 1 });
    const served = JSON.parse(JSON.stringify(await serving.answer("q", { ...USUAL, mode: "llm" })));
    expect(served).toMatchObject({
      answer: null,
      seconds: { retrieve: expect.any(Number), rerank: expect.any(Number) },
    });
    expect(served.ranked.passages[0]).not.toHaveProperty("text");
    const { ranked } = served;
    const asked = await serving.asked({ question: "q", corpus: "docs", passages: 4, ranked });
    expect(asked).toEqual({ ...ASKED, search: await serving.search("q", 30) });
  });

  it("refuses candidates of another release", async () => {
    const serving = engine("reranked", { b: 3 });
    const ranked = withoutTexts(await serving.search("q"));
    const stranger = { ...ranked, passages: [{ ...ranked.passages[0]!, id: "z" }] };
    const asked = serving.asked({ question: "q", corpus: "docs", passages: 4, ranked: stranger });
    await expect(asked).rejects.toThrow(/has no passage z/);
  });

  it("quotes at once if no model is to answer, and records the seconds of each step", async () => {
    const { answer, seconds } = await engine("reranked", { a: 0, b: 3, c: 1 }).answer("b", {
      ...USUAL,
      mode: "quotation",
    });
    expect(answer).toMatchObject({
      kind: "extractive",
      answer: "b [1]",
      receipt: { release: "r1", model: null },
    });
    expect(Object.keys(seconds)).toEqual(["retrieve", "rerank", "quote"]);
  });

  it.each(["quotation", "llm"] as const)(
    "abstains at once where nothing is relevant enough, for mode %s",
    async (mode) => {
      const { answer, seconds } = await engine("reranked", { a: 1, b: 1, c: 1 }).answer("b", { ...USUAL, mode });
      expect(answer).toMatchObject({ kind: "abstained", receipt: { refusedBy: "threshold" } });
      expect(Object.keys(seconds)).toEqual(["retrieve", "rerank", "abstain"]);
    },
  );

  it("retrieves and reranks the requested number of candidates", async () => {
    const { answer } = await engine("retrieval").answer("a", { ...USUAL, k: 2, mode: "quotation" });
    expect(answer?.receipt.candidates.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("measures sentences by their cosine to the question", async () => {
    const [same, across] = await engine("retrieval").similarities("q", ["near", "across"]);
    expect(same).toBeCloseTo(1, 6);
    expect(across).toBeCloseTo(0.8, 6);
  });

  it("abstains when no passage reaches the threshold", async () => {
    expect((await engine("reranked", { a: 1, b: 1, c: 1 }).search("q")).abstain).toBe(true);
    expect((await engine("retrieval", {}, CALIBRATIONS, []).search("q")).abstain).toBe(true);
  });

  it("is not sure when the best passage lies between the limits", async () => {
    const doubtful = { ...CALIBRATIONS.retrieval, limits: { refuse: 0.7, answer: 0.8 } };
    const of = (limits: { refuse: number; answer: number }) =>
      engine("retrieval", {}, { ...CALIBRATIONS, retrieval: { ...doubtful, limits } });
    expect(await of(doubtful.limits).search("q")).toMatchObject({ abstain: false, unsure: true });
    expect(await of({ refuse: 0.1, answer: 0.7 }).search("q")).toMatchObject({ abstain: false, unsure: false });
    const { answer } = await of(doubtful.limits).answer("a", { ...USUAL, mode: "quotation" });
    expect(answer?.kind).toBe("unsure");
  });

  it("reranks and judges the same candidates however many are shown; deeper ones follow in retrieval order", async () => {
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

  it("serves in fused order, without logits, if the reranker is off", async () => {
    const result = await engine("retrieval").search("q", 2);
    expect(result.passages.map((p) => [p.id, p.scores.logit])).toEqual([
      ["a", null],
      ["b", null],
    ]);
    expect(result.passages[0]!.scores.relevance).toBeCloseTo(sigmoid(0.6 + 0.5), 9);
    expect(result.threshold).toBe(0.6);
  });

  it("scores any texts by its reranker, best first", async () => {
    const { scores } = await engine("reranked", { far: -1, near: 2 }).rerank("q", ["t\nfar", "t\nnear"]);
    expect(scores.map(({ index, logit }) => [index, logit])).toEqual([
      [1, 2],
      [0, -1],
    ]);
    expect(scores[0]!.probability).toBeCloseTo(sigmoid(2), 9);
  });

  it("refuses to score texts if the release has no reranker", async () => {
    await expect(engine("retrieval").rerank("q", ["a"])).rejects.toMatchObject({ code: "BadInput" });
  });

  it("gives a passage by its id", async () => {
    expect(await engine("retrieval").passage("b")).toMatchObject({ id: "b", page: "b.md", text: "b" });
    expect(await engine("retrieval").passage("z")).toBeNull();
    expect(await engine("retrieval").page("b")).toMatchObject([{ id: "b", page: "b.md" }]);
    expect(await engine("retrieval").page("z")).toBeNull();
  });

  it("refuses a reranked release without the calibration for it", () => {
    const lacking = { ...CALIBRATIONS, reranked: null };
    expect(() => engine("reranked", {}, lacking)).toThrow(/r1 .*no calibration/);
  });
});
