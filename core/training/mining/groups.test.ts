import { describe, expect, it } from "vitest";
import { seededRandom } from "../../base/random.ts";
import { passageInput } from "../../docs/passageText.ts";
import type { Candidate } from "../../retrieval/retriever.ts";
import type { TrainingQuestion } from "../questions/question.ts";
import { docPassage } from "../testing/corpusFixture.ts";
import { trainingCorpus } from "../trainingCorpus.ts";
import { GroupBuilder, type GroupSources } from "./groups.ts";

const passages = Array.from({ length: 40 }, (_, n) =>
  docPassage(`p${n}.md`, [`Page ${n}`, `Section${n}`], `word${n} `.repeat(9)),
);
const corpus = trainingCorpus(passages, []);
const sources: GroupSources = {
  corpus,
  retriever: {
    retrieveWithVector: async (_question, _vector, k) =>
      passages.slice(0, k).map((passage, position) => ({ passage, position }) as Candidate),
  },
  windows: { nearest: (position) => ({ cosine: 0.8 - position / 100, window: 0 }) },
  bm25: { scoreAll: () => Float32Array.from(passages, (_, position) => 12 - position / 10) },
};
const question: TrainingQuestion = {
  text: "word of the third page",
  source: "cloze",
  position: 3,
  window: null,
  reducedText: "reduced",
  fromHeading: false,
  evidence: null,
  scope: "section",
  related: [],
};
const vector = new Float32Array(1);

describe("GroupBuilder", () => {
  it("gives one positive, five hard and two random negatives with the teacher's scores", async () => {
    const group = (await new GroupBuilder(sources, () => true).build(question, vector, seededRandom(1)))!;
    expect(group.passages).toHaveLength(8);
    expect(new Set(group.passages).size).toBe(8);
    expect(group.passages[0]).toBe("Page 3 > Section3\nreduced");
    expect(group.passages[1]).toBe(passageInput(passages[0]!));
    expect(group.teacher![0]).toBeCloseTo((0.8 - 0.03) / 0.08 + (12 - 0.3) / 6, 3);
    expect(group.teacher).toHaveLength(8);
  });

  it("leaves out the leaf heading of every passage in half of the heading questions' groups", async () => {
    const builder = new GroupBuilder(sources, () => true);
    const groups: string[][] = [];
    for (let seed = 0; seed < 200; seed++)
      groups.push((await builder.build({ ...question, fromHeading: true }, vector, seededRandom(seed)))!.passages);
    const without = groups.filter((inputs) => inputs.every((input) => !input.includes("Section")));
    const whole = groups.filter((inputs) => inputs.every((input) => input.includes("Section")));
    expect(without.length + whole.length).toBe(200);
    expect(without.length).toBeGreaterThan(70);
    expect(whole.length).toBeGreaterThan(70);
  });

  it("takes passages that votes oppose as the first negatives, whatever their score", async () => {
    const builder = new GroupBuilder(sources, () => true);
    const group = (await builder.build({ ...question, opposed: [39, 0] }, vector, seededRandom(1)))!;
    expect(group.passages.slice(1, 3)).toEqual([passageInput(passages[39]!), passageInput(passages[0]!)]);
    expect(group.passages).toHaveLength(8);
    expect(new Set(group.passages).size).toBe(8);
  });

  it("draws negatives from allowed pages only, and returns no group if too few are left", async () => {
    const allowed = new Set(Array.from({ length: 12 }, (_, n) => `p${n}.md`));
    const group = (await new GroupBuilder(sources, (page) => allowed.has(page)).build(
      question,
      vector,
      seededRandom(2),
    ))!;
    for (const input of group.passages) expect(allowed.has(`p${/Page (\d+)/.exec(input)![1]}.md`)).toBe(true);
    const elsewhere = new GroupBuilder(sources, (page) => page === "p3.md");
    expect(await elsewhere.build(question, vector, seededRandom(2))).toBeNull();
  });
});
