import { describe, expect, it } from "vitest";
import { seededRandom } from "../../base/random.ts";
import type { TrainingQuestion } from "../questions/question.ts";
import { docLink, docPassage } from "../testing/corpusFixture.ts";
import { trainingCorpus } from "../trainingCorpus.ts";
import { MINING_DEFAULTS, NegativeMiner, teacherScore } from "./negatives.ts";

const words = (seed: string) => Array.from({ length: 30 }, (_, n) => `${seed}${n}`).join(" ");
const positive = docPassage("a.md", ["A", "Retry failed jobs"], words("retry"));
const passages = [
  positive, // 0
  docPassage("a.md", ["A", "Retry failed jobs"], words("second")), // 1: same section
  docPassage("b.md", ["B", "Copy"], `${words("retry")} and a bit more`), // 2: near-duplicate
  docPassage("c.md", ["C", "Links here"], words("link")), // 3: links to a.md
  docPassage("d.md", ["D", "Retry failed jobs"], words("other")), // 4: same heading
  docPassage("a.md", ["A", "Another section"], words("another")), // 5: same page, may be a negative
  ...Array.from({ length: 40 }, (_, n) => docPassage(`n${n}.md`, [`N${n}`, `Section ${n}`], words(`n${n}x`))),
];
const corpus = trainingCorpus(passages, [docLink(passages[3]!, "See A.", "A", positive, null)]);
const question: TrainingQuestion = {
  text: "how to retry failed jobs",
  source: "heading",
  position: 0,
  window: null,
  reducedText: null,
  fromHeading: true,
  evidence: null,
  scope: "section",
  related: [6],
};
const candidates = passages.map((_, position) => ({ position, score: 10 - position / 10 }));
const random = seededRandom(1);

describe("hardNegatives", () => {
  it("never takes the positive, its section, a near-duplicate, a linked page or one with the same heading", () => {
    const miner = new NegativeMiner(corpus, { ...MINING_DEFAULTS, hard: 30, lastRank: 100 });
    const taken = miner.hardNegatives(question, candidates, 10, random);
    expect(taken).not.toEqual(expect.arrayContaining([0]));
    for (const position of [0, 1, 2, 3, 4, 6]) expect(taken).not.toContain(position);
    expect(taken).toContain(5);
    expect(miner.counts).toMatchObject({ positive: 2, sameSection: 1, nearDuplicate: 1, linked: 1, sameHeading: 1 });
    expect(miner.counts.taken).toBe(taken.length);
  });

  it("respects the rank range and the margins above the positive", () => {
    const miner = new NegativeMiner(corpus, { ...MINING_DEFAULTS, firstRank: 8, lastRank: 20, hard: 30 });
    expect(miner.hardNegatives(question, candidates, 10, random)).toEqual(passages.map((_, n) => n).slice(7, 20));
    const strict = new NegativeMiner(corpus, { ...MINING_DEFAULTS, absoluteMargin: 0.5, hard: 30 });
    const above = strict.hardNegatives(question, candidates, 8, random);
    expect(Math.min(...above.map((position) => candidates[position]!.score))).toBeLessThanOrEqual(8.5);
    expect(above.every((position) => candidates[position]!.score <= 8.5)).toBe(true);
    expect(strict.counts.scoresTooHigh).toBeGreaterThan(5);
  });

  it("applies the smaller of both margins; the relative one is a share of the positive's score", () => {
    const options = { ...MINING_DEFAULTS, absoluteMargin: 100, relativeMargin: 0.05, hard: 30 };
    const taken = new NegativeMiner(corpus, options).hardNegatives(question, candidates, 8, random);
    const highest = Math.max(...taken.map((position) => candidates[position]!.score));
    expect(highest).toBeLessThanOrEqual(8.4);
    const wider = new NegativeMiner(corpus, { ...options, relativeMargin: 0.2 });
    const more = wider.hardNegatives(question, candidates, 8, random).map((position) => candidates[position]!.score);
    expect(Math.max(...more)).toBeGreaterThan(highest);
    expect(Math.max(...more)).toBeLessThanOrEqual(9.6);
  });

  it("respects the range of scores, and counts candidates above and below it", () => {
    const miner = new NegativeMiner(corpus, { ...MINING_DEFAULTS, lastRank: 46, hard: 40, minScore: 7, maxScore: 9 });
    const taken = miner.hardNegatives(question, candidates, 10, random).map((position) => candidates[position]!.score);
    expect([Math.max(...taken), Math.min(...taken)]).toEqual([9, 7]);
    expect(miner.counts).toMatchObject({ scoresTooHigh: 4, scoresTooLow: 15 });
  });

  it("takes the best ranked, a random sample, or half of each", () => {
    const take = (sampling: "top" | "random" | "mixed") =>
      new NegativeMiner(corpus, { ...MINING_DEFAULTS, firstRank: 8, lastRank: 46, hard: 4, sampling }).hardNegatives(
        question,
        candidates,
        10,
        seededRandom(3),
      );
    expect(take("top")).toEqual([7, 8, 9, 10]);
    expect(take("mixed").slice(0, 2)).toEqual([7, 8]);
    expect(take("mixed")[3]).toBeGreaterThan(10);
    expect(take("random")).toHaveLength(4);
    expect(take("random").some((position) => position > 10)).toBe(true);
  });

  it("excludes the whole page if the question is about the page", () => {
    const miner = new NegativeMiner(corpus, { ...MINING_DEFAULTS, hard: 40 });
    expect(miner.hardNegatives({ ...question, scope: "page" }, candidates, 10, random)).not.toContain(5);
  });

  it("takes none from pages of another split", () => {
    const miner = new NegativeMiner(corpus, { ...MINING_DEFAULTS, hard: 40 }, (page) => page === "n3.md");
    expect(miner.hardNegatives(question, candidates, 10, random).map((n) => passages[n]!.page)).toEqual(["n3.md"]);
  });
});

describe("randomNegatives", () => {
  it("are distinct, of other pages, and not among those taken", () => {
    const miner = new NegativeMiner(corpus);
    const taken = [7, 8, 9];
    const chosen = miner.randomNegatives(question, 20, taken, random);
    expect(new Set(chosen).size).toBe(20);
    for (const position of chosen) {
      expect(taken).not.toContain(position);
      expect(passages[position]!.page).not.toBe("a.md");
    }
  });

  it("are fewer if the corpus has no more", () => {
    const miner = new NegativeMiner(corpus, MINING_DEFAULTS, (page) => page === "n3.md");
    expect(miner.randomNegatives(question, 5, [], random).length).toBeLessThanOrEqual(1);
  });
});

it("the teacher score adds cosine and BM25 on the scale of a logit", () => {
  expect(teacherScore(0.4, 12)).toBeCloseTo(7);
});
