import { describe, expect, it } from "vitest";
import type { ServingRelease } from "../contracts/serving.ts";
import { instructionsFor } from "./instructions.ts";

const k8s: ServingRelease = {
  corpus: "k8s",
  release: "0b08c3a25fbe",
  createdAt: "2026-11-24T10:11:12.000Z",
  default: true,
  docs: {
    source: "https://github.com/kubernetes/website#release-1.33",
    version: "fc4f9415c147",
    pages: 1604,
    passages: 15012,
  },
  ranking: "reranked",
  quality: {
    source: "judged",
    questions: 240,
    ndcg: { value: 0.7512, low: 0.71, high: 0.79 },
    falseAnswerRate: 0.104,
    falseRefusalRate: null,
    unsureRate: 0.148,
  },
};

describe("instructions", () => {
  it("name docs, version, pages, release, date and measured quality, and when to use the tools and when not", () => {
    const text = instructionsFor([k8s]);
    for (const fact of ["k8s", "release-1.33", "fc4f9415c147", "1604 pages", "0b08c3a25fbe", "2026-11-24"])
      expect(text).toContain(fact);
    expect(text).toContain("Measured on 240 judged questions: nDCG@10 0.75 (0.71 to 0.79).");
    expect(text).toContain("It answers 10 % of unanswerable questions. For 15 % of all it is not sure.");
    expect(text).not.toMatch(/refuses \d+ %|null|undefined|NaN/);
    expect(text).toMatch(/^Use it for/m);
    expect(text).toMatch(/^Do not use it for/m);
  });

  it("of an unmeasured release claim no quality", () => {
    const text = instructionsFor([{ ...k8s, quality: null }]);
    expect(text).toContain("Not measured yet");
    expect(text).not.toContain("nDCG");
  });

  it("say that generated questions flatter, and that few judged ones prove little", () => {
    const quality = k8s.quality!;
    expect(instructionsFor([{ ...k8s, quality: { ...quality, source: "generated" } }])).toContain("which flatters");
    expect(instructionsFor([{ ...k8s, quality: { ...quality, questions: 12 } }])).toContain("too few to rely on");
  });

  it("of several corpora begin with the one that is asked by default", () => {
    const text = instructionsFor([{ ...k8s, corpus: "argo", default: false }, k8s]);
    expect(text.indexOf("k8s (asked if no corpus is given)")).toBeLessThan(text.indexOf("argo:"));
    expect(text).toContain("Give `corpus` to choose.");
  });

  it("without a release forbid the tools that would fail", () => {
    expect(instructionsFor([])).toMatch(/no release of them serves.*Only `status` works/);
  });

  it("without an answer of the store claim nothing about the docs", () => {
    expect(instructionsFor(null)).toContain("not known now");
  });

  it.each([2, 20, 500])("of %i corpora with long names stay under 2 KB", (count) => {
    const many = Array.from({ length: count }, (_, n) => ({
      ...k8s,
      corpus: `${"long-name-".repeat(5)}${n}`,
      default: n === 1,
      docs: { ...k8s.docs, source: "s\u202e\n".repeat(400) },
    }));
    const text = instructionsFor(many);
    expect(Buffer.byteLength(text)).toBeLessThan(2048);
    expect(text).toContain("long-name-1");
    expect(text).not.toContain("\u202e");
    if (count === 500) expect(text).toMatch(/\d+ more: `status` has their facts/);
  });
});
