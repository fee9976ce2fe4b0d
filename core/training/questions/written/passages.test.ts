import { expect, it } from "vitest";
import { splitPages } from "../../split.ts";
import { docPassage } from "../../testing/corpusFixture.ts";
import { trainingCorpus } from "../../trainingCorpus.ts";
import { obstacleToTraining } from "./obstacle.ts";
import { writeRequests } from "./passages.ts";

const prose = (n: number) => `Turbine ${n} turns the shaft that moves the mill below it. `.repeat(4);
const passages = Array.from({ length: 40 }, (_, n) =>
  Array.from({ length: n === 0 ? 30 : 1 }, (_, m) =>
    docPassage(`page${n}.md`, ["Mill", `Part ${n} ${m}`], m === 9 ? "| 1 | 2 | 3 | 4 |".repeat(20) : prose(n)),
  ),
).flat();
const corpus = trainingCorpus(passages, []);
const splits = splitPages(corpus.byPage.keys());

it("requests prose of pages that are not held out, in all styles, deterministic for a seed", () => {
  const requests = writeRequests(corpus, 20, 1);
  expect(requests).toHaveLength(20);
  expect(requests).toEqual(writeRequests(corpus, 20, 1));
  expect(requests).not.toEqual(writeRequests(corpus, 20, 2));
  expect(new Set(requests.map(({ style }) => style)).size).toBe(5);
  const pages = requests.map(({ passageId }) => passageId.split("#")[0]!);
  expect(pages.filter((page) => splits.get(page) === "heldout")).toEqual([]);
  expect(requests.filter(({ text }) => text.includes("|"))).toEqual([]);
});

it("asks the same of a passage when others come and go", () => {
  const all = writeRequests(corpus, 1000, 1);
  const fewer = trainingCorpus(
    passages.filter(({ page }) => page !== "page7.md" && page !== "page8.md"),
    [],
  );
  const first = new Set(all.slice(0, 35).map((request) => JSON.stringify(request)));
  const again = writeRequests(fewer, 30, 1).filter((request) => first.has(JSON.stringify(request)));
  expect(again.length).toBeGreaterThan(24);
});

it("a long page does not dominate a small sample; a large sample repeats passages in other styles, never in the same", () => {
  const small = writeRequests(corpus, 25, 1).filter(({ passageId }) => passageId.startsWith("page0.md"));
  expect(small.length).toBeLessThanOrEqual(11);
  const all = writeRequests(corpus, 1000, 1);
  const keys = all.map(({ passageId, style }) => `${passageId} ${style}`);
  expect(new Set(keys).size).toBe(all.length);
  const asked = new Set(all.map(({ passageId }) => passageId)).size;
  expect(all.length).toBe(5 * asked);
});

it("no question is requested of docs that nothing could measure, or if all questions together are too few to train on", async () => {
  const planned = { judged: false, pairsFile: null, votes: 0, leastSteps: 100, seed: 1 };
  expect(await obstacleToTraining(corpus, planned, 100)).toBeNull();
  const fewer = await obstacleToTraining(corpus, planned, 5);
  const most = Number(/give at most (\d+) steps, and fewer than 100/.exec(fewer!)![1]);
  expect(await obstacleToTraining(corpus, { ...planned, votes: 100 - most }, 5)).toBeNull();
  expect(await obstacleToTraining(corpus, { ...planned, leastSteps: most }, 5)).toBeNull();
  const onePage = trainingCorpus(passages.slice(0, 30), []);
  expect(await obstacleToTraining(onePage, planned, 100)).toMatch(/^no held-out page gives a question/);
  expect(await obstacleToTraining(onePage, { ...planned, judged: true }, 100)).toBeNull();
});
