import { describe, expect, it } from "vitest";
import type { Passage } from "../../contracts/passage.ts";
import { cleanHeading, cleanWords } from "./cleanText.ts";
import type { Judgment, Question } from "./question.ts";
import { createJudge, rankJudgments } from "./relevance.ts";

function passage(page: string, heading: string[], text: string): Passage {
  return { id: `${page}#${text.slice(0, 8)}`, page, heading, url: "", lines: [1, 1], text };
}

function ask(...relevant: (Partial<Judgment> & { path: string })[]): Question {
  return {
    id: "q",
    query: "q",
    kind: "howto",
    mustPass: false,
    relevant: relevant.map((r) => ({ heading: "", grade: 2, ...r })),
  };
}

const corpus = [
  passage("nodes.md", ["Nodes", "Eviction"], "Pods stay bound to nodes for five minutes after a problem is found."),
  passage("nodes.md", ["Nodes", "Eviction"], "Then the controller submits the first eviction request for each Pod."),
  passage("nodes.md", ["Nodes", "What's next"], "Read about taints."),
  passage("taints.md", ["Taints"], "Pods stay bound to nodes for five minutes after a problem is found."),
];
const holders = (q: Question) =>
  createJudge(corpus)
    .resolve(q)
    .judgments.map((j) => [...j.holders]);

describe("cleanWords", () => {
  it("removes link targets, markup, tags, entities, punctuation and case, and keeps visible text", () => {
    expect(cleanWords('The **[`kubelet`](/docs/kubelet "x")** restarts&nbsp;<code>Pod</code>s, _always_!')).toEqual(
      "the kubelet restarts pod s always".split(" "),
    );
    expect(cleanWords("kubectl delete pod <pod-name> --force")).toEqual("kubectl delete pod pod name force".split(" "));
    expect(cleanWords("memory.available<100Mi,nodefs.available<10%</code>")).toEqual(
      "memory available 100mi nodefs available 10".split(" "),
    );
  });

  it("removes shortcodes but keeps a glossary term's text", () => {
    expect(cleanWords('A {{< glossary_tooltip text="Pod" term_id="pod" >}} runs {{< note >}}now{{< /note >}}')).toEqual(
      "a pod runs now".split(" "),
    );
  });

  it("writes out Hugo's heading shortcode and drops anchors", () => {
    expect(cleanHeading('{{% heading "whatsnext" %}}')).toBe(cleanHeading("What's next"));
    expect(cleanHeading("## Pod `restarts` {#pod-restarts}")).toBe("pod restarts");
  });
});

describe("createJudge", () => {
  it("accepts a run of 60 % of the evidence's words, on the judged page only", () => {
    const evidence = "**Pods** stay bound to [nodes](/n) for 5 minutes";
    expect(holders(ask({ path: "nodes.md", evidence }))).toEqual([[0]]);
  });

  it("rejects scattered words, a run below 60 %, or one below four words", () => {
    const gone = (evidence: string) => createJudge(corpus).resolve(ask({ path: "nodes.md", evidence })).gone;
    expect(gone("pods minutes nodes problem bound found")).toBe(1);
    expect(gone("pods stay bound to nodes until the operator of it says otherwise")).toBe(1);
    expect(gone("read about taints tolerations affinity")).toBe(1);
    expect(gone("read about taints")).toBe(0);
  });

  it("is satisfied by the first holder in rank order, once; siblings gain nothing", () => {
    const { judgments } = createJudge(corpus).resolve(ask({ path: "nodes.md", heading: "Eviction" }));
    expect(rankJudgments(judgments, [3, 1, 0, 2])).toEqual([{ grade: 2, rank: 2 }]);
    expect(rankJudgments(judgments, [3, 2])).toEqual([{ grade: 2, rank: null }]);
  });

  it("accepts any passage of the page for an empty heading, and subsections for a section without text", () => {
    expect(holders(ask({ path: "nodes.md" }))).toEqual([[0, 1, 2]]);
    expect(holders(ask({ path: "nodes.md", heading: "Nodes" }))).toEqual([[0, 1, 2]]);
    expect(holders(ask({ path: "nodes.md", heading: '{{% heading "whatsnext" %}}' }))).toEqual([[2]]);
  });

  it("treats a question as stale if all its evidence is gone, not if only some is", () => {
    const judge = createJudge(corpus);
    const kept = { path: "nodes.md", evidence: "submits the first eviction request" };
    const lost = { path: "nodes.md", evidence: "this sentence was removed from the page" };
    expect(judge.resolve(ask(kept, lost))).toMatchObject({ stale: false, gone: 1 });
    expect(judge.resolve(ask(lost, { path: "nodes.md", heading: "Eviction", grade: 1 }))).toMatchObject({
      stale: true,
    });
    expect(judge.resolve(ask({ path: "removed.md" }))).toMatchObject({ stale: true, gone: 1 });
  });

  it("counts evidence split between passages as missed, not as stale", () => {
    const evidence = "a problem is found then the controller submits";
    const resolved = createJudge(corpus).resolve(ask({ path: "nodes.md", evidence }));
    expect(resolved).toMatchObject({ stale: false, gone: 0 });
    expect(rankJudgments(resolved.judgments, [0, 1, 2, 3])).toEqual([{ grade: 2, rank: null }]);
  });
});
