import { expect, test } from "vitest";
import type { RankedPassage, SearchResult } from "../contracts/passage.ts";
import { renderSearch } from "./renderSearch.ts";
import { printable } from "./style.ts";
import { widthOf } from "./wrap.ts";

const passage: RankedPassage = {
  id: "a",
  page: "workloads/jobs.md",
  heading: ["Jobs", "Creating a Job"],
  url: "/workloads/jobs/#creating-a-job",
  lines: [11, 41],
  text: `Pods come and go. A Job runs a task to completion and retries it until it succeeded. ${"More on the task follows here. ".repeat(20)}`,
  window: 0,
  scores: { bm25: 12.34, cosine: 0.71, fused: 1.2, logit: null, relevance: 0.2601 },
  rank: { retrieval: 3, served: 1 },
};
const result: SearchResult = {
  release: "0b08c3a25fbe",
  ranking: "retrieval",
  passages: [passage],
  threshold: 0.2634,
  limits: { refuse: 0.2634, answer: 0.2634 },
  abstain: true,
  unsure: false,
};
const question = "how do I run a task to completion?";

test.each([60, 80, 120, 200])("in %d columns a card has heading, address and two lines that fit", (columns) => {
  const [heading, address, ...lines] = renderSearch(question, result, { k: 10, columns }).split("\n\n")[0]!.split("\n");
  expect(printable(heading!, false)).toBe("1. Jobs > Creating a Job");
  expect(printable(address!, false)).toBe("   /workloads/jobs/#creating-a-job workloads/jobs.md:11");
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns);
  expect(printable(lines[0]!, false)).toMatch(/^ {3}A Job runs a task to completion/);
  expect(printable(lines[1]!, false)).toMatch(/ …$/);
});

test("the question's words are marked, its function words are not", () => {
  const shown = printable(renderSearch(question, result, { k: 1, columns: 80 }), true);
  expect(shown).toContain("\x1b[1;33mruns\x1b[0m a \x1b[1;33mtask\x1b[0m to \x1b[1;33mcompletion\x1b[0m");
});

test("scores are shown on request, and two numbers that differ never read equal", () => {
  const plain = renderSearch(question, result, { k: 1, columns: 80 });
  expect(plain).not.toMatch(/cosine/);
  expect(plain).toContain("The best relevance is 0.260, the threshold 0.263.");
  const explained = renderSearch(question, result, { k: 1, columns: 80, explain: true });
  expect(explained).toContain("relevance 0.260, reranker off, cosine 0.71, BM25 12.3, rank before reranking 3");
});

test("a snippet shows no fences, and a bar only as a command's pipe", () => {
  const text = "Run a task:\n```bash\nkubectl get job | sed -n 1p\n```\n| Job | `done` |";
  const shown = renderSearch("run a task", { ...result, passages: [{ ...passage, text }] }, { k: 1, columns: 80 });
  expect(printable(shown, false)).toContain("Run a task: kubectl get job | sed -n 1p Job done");
});

test("a snippet that begins inside a row of a table shows no bars", () => {
  const text = "| Job | A Job runs a task to completion. | batch |";
  const shown = renderSearch("run a task", { ...result, passages: [{ ...passage, text }] }, { k: 1, columns: 80 });
  expect(printable(shown, false)).toMatch(/A Job runs a task to completion\. +batch/);
});
