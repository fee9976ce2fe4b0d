import { describe, expect, it } from "vitest";
import { ROWS, type RowName } from "../../contracts/ladderRows.ts";
import type { LadderRun } from "../judging/ladder.ts";
import { beforeSection } from "./beforeSection.ts";
import { changesSection } from "./changesSection.ts";
import { link, outcomeLinks, pagesSection, questionSections } from "./questionSections.ts";
import { isMistake, type Outcome, outcomeOf, type ReportQuestion } from "./reportQuestion.ts";

function question(id: string, outcome: Outcome, over: Partial<ReportQuestion> = {}): ReportQuestion {
  const wanted = [{ page: "jobs.md", heading: "Jobs", url: "https://docs.example/jobs#a", grade: 2 as const, rank: 3 }];
  return {
    id,
    query: `question ${id}`,
    kind: "howto",
    mustPass: false,
    outcome,
    wanted,
    first: null,
    ndcg: 0.5,
    ...over,
  };
}

describe("outcomeOf", () => {
  it.each([
    [true, false, [true, false], "right"],
    [true, false, [false, true], "lower"],
    [true, false, [false], "wrong"],
    [true, true, [], "refused"],
    [false, true, [], "declined"],
    [false, false, [false], "answered"],
  ] as const)("answerable %s, refused %s, used %j: %s", (answerable, refused, used, outcome) => {
    expect(outcomeOf(answerable, refused ? "refuse" : "answer", used)).toBe(outcome);
  });

  it.each([true, false])("an unsure answer is no mistake, answerable %s", (answerable) => {
    expect(outcomeOf(answerable, "unsure", [false])).toBe("unsure");
    expect(isMistake("unsure")).toBe(false);
  });
});

describe("questions", () => {
  const first = { page: "a.md", heading: "A", url: "", words: "<b>words</b>", relevance: 0.25 };
  const all = [question("q1", "wrong", { first }), question("q2", "right"), question("q3", "declined", { wanted: [] })];

  it("shows what was wanted with its rank, and the first passage; only mistakes are open", () => {
    const html = questionSections(all);
    expect(html).toContain("<details open><summary>Answered from other passages than the judged ones (1)</summary>");
    expect(html).toContain("<details><summary>Rightly refused (1)</summary>");
    expect(html).toContain("rank 3");
    expect(html).toContain("“&lt;b&gt;words&lt;/b&gt;” · P 0.25");
    expect(html).toContain('<div class="muted">q1 · howto</div>');
  });

  it("every link to an outcome has its target inside the part that it opens", () => {
    const targets = [...outcomeLinks(all).matchAll(/href="#(\w+)"/g)].map(([, id]) => id);
    expect(targets).toEqual(["wrong", "right", "declined"]);
    for (const id of targets) expect(questionSections(all)).toContain(`</summary><span id="${id}">`);
  });

  it("links to addresses of the web alone", () => {
    const place = { page: "a.md", heading: "", url: "" };
    expect(link({ ...place, url: "https://x/?a=1&b" })).toContain('href="https://x/?a=1&amp;b"');
    for (const url of ["javascript:alert(1)//", "/jobs/", "data:text/html,x", " javascript:alert(1)"])
      expect(link({ ...place, url })).toBe("a.md");
  });
});

it("lists pages by the number of questions that fail on them", () => {
  const pods = [{ page: "pods.md", heading: "Pods", url: "/pods#a", grade: 2 as const, rank: null }];
  const html = pagesSection([
    question("q1", "refused", { wanted: pods }),
    question("q2", "wrong", { wanted: pods }),
    question("q3", "right", { wanted: pods }),
    question("q4", "wrong"),
    question("q5", "stale"),
  ]);
  expect(html.indexOf("pods.md")).toBeLessThan(html.indexOf("jobs.md"));
  expect(html).toContain("<td>2 of 3</td><td>q1, q2</td>");
  expect(html).toContain("<td>1 of 1</td><td>q4</td>");
  expect(pagesSection([question("q1", "right")])).toBe("");
});

it("shows what changed against the release before, the worst first", () => {
  const before = {
    release: "0123456789ab",
    questions: [
      { id: "q1", decision: "answer" as const, ndcg: 0.9 },
      { id: "q2", decision: "refuse" as const, ndcg: 0.5 },
      { id: "q3", decision: "answer" as const, ndcg: 0.5 },
      { id: "q4", decision: "unsure" as const, ndcg: 0.5 },
    ],
  };
  const html = beforeSection(before, [
    question("q2", "right", { ndcg: 0.75 }),
    question("q1", "refused"),
    question("q3", "right"),
    question("q4", "unsure"),
  ]);
  expect(html).toContain("Against release 0123456789ab");
  expect(html).toContain("Of 4 questions in both, 1 is ordered better and 1 worse");
  expect(html.indexOf("0.90 → 0.50")).toBeLessThan(html.indexOf("0.50 → 0.75"));
  expect(html).toContain("now refused");
  expect(html).toContain("now answered");
  expect(html).not.toContain("question q3");
  expect(html).not.toContain("now unsure");
  expect(beforeSection(before, [question("q2", "unsure")])).toContain("now unsure");
  expect(beforeSection(before, [question("new", "right")])).toContain("no question in common");
  expect(beforeSection(null, [question("q1", "right")])).toBe("");
});

describe("what the reranker changes", () => {
  const run = (name: RowName, ...values: number[]): LadderRun => ({
    name,
    ranks: [],
    perQuestion: values.map((value) => ({ "ndcg@10": value, "mrr@10": 0, "hit@1": 0, "recall@30": 0 })),
  });

  it("is counted against the best order without a reranker, not against a worse one", () => {
    const runs = [run(ROWS.rrf, 0.8, 0.8, 0.8), run(ROWS.retrieval, 0.1, 0.1, 0.8), run(ROWS.served, 0.9, 0.7, 0.7)];
    const html = changesSection(runs, "reranked");
    expect(html).toContain("Against <code>rrf</code>");
    expect(html).toContain("improves 1 of 3 questions and worsens 2");
    expect(html).toContain("<code>retrieval</code> would serve, with 0.333");
  });

  it("is what it would change if retrieval serves, and nothing without a reranker", () => {
    const runs = [run(ROWS.retrieval, 0.5), run(ROWS.served, 0.6)];
    expect(changesSection(runs, "retrieval")).toContain("would improve 1 of 1 questions and would worsen 0");
    expect(changesSection(runs.slice(0, 1), "retrieval")).toBe("");
  });
});
