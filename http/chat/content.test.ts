import { describe, expect, it } from "vitest";
import { abstention, answerOf, citation } from "../testing/answers.ts";
import { chatContent, chatExtension } from "./content.ts";

describe("an answer in a chat", () => {
  it("links its markers and lists its sources, each annotated at its first marker", () => {
    const sources = [
      citation("Jobs", "https://docs.test/jobs#a_(b)"),
      citation("Pods > Phases", "https://docs.test/pods"),
    ];
    const { text, annotations } = chatContent(answerOf("Create it [1]. It runs [2][1].", sources));
    expect(text).toBe(
      [
        "Create it [1](https://docs.test/jobs#a_%28b%29). It runs [2](https://docs.test/pods)[1](https://docs.test/jobs#a_%28b%29).",
        "",
        "**Sources**",
        "",
        "1. [Jobs](https://docs.test/jobs#a_%28b%29) (`page.md`, lines 3-9)",
        "2. [Pods > Phases](https://docs.test/pods) (`page.md`, lines 3-9)",
      ].join("\n"),
    );
    expect(annotations.map(({ url_citation: { url, title } }) => [url, title])).toEqual([
      ["https://docs.test/jobs#a_(b)", "Jobs"],
      ["https://docs.test/pods", "Pods > Phases"],
    ]);
    const marked = annotations.map(({ url_citation: at }) => text.slice(at.start_index, at.end_index));
    expect(marked).toEqual(["[1](https://docs.test/jobs#a_%28b%29)", "[2](https://docs.test/pods)"]);
  });

  it("leaves code, unknown numbers and addresses without a host alone", () => {
    const { text } = chatContent(
      answerOf("Read `argv[1]` [1] [2].\n```sh\necho $x[1]\n```", [citation("CLI", "/cli")]),
    );
    expect(text).toContain("Read `argv[1]` [1] [2].\n```sh\necho $x[1]\n```\n\n**Sources**");
    expect(text).toContain("1. CLI (/cli; `page.md`, lines 3-9)");
  });

  it("closes a code block that was cut before the sources", () => {
    const { text } = chatContent(answerOf("Run [1]:\n```sh\nkubectl", [citation("Jobs", "https://docs.test/jobs")]));
    expect(text).toContain("kubectl\n```\n\n**Sources**");
  });

  it("annotates a source without a marker at its place in the list", () => {
    const { text, annotations } = chatContent(answerOf("Create it.", [citation("Jobs", "https://docs.test/jobs")]));
    const { start_index, end_index } = annotations[0]!.url_citation;
    expect(text.slice(start_index, end_index)).toBe("1. [Jobs](https://docs.test/jobs) (`page.md`, lines 3-9)");
  });

  it("shows markup in a heading as text", () => {
    const { text } = chatContent(answerOf("A [1].", [citation("<b>*x*</b> [y]", "https://docs.test/")]));
    expect(text).toContain("1. [\\<b>\\*x\\*\\</b> \\[y\\]](https://docs.test/)");
  });

  it("says what `[?]` means", () => {
    const answer = { ...answerOf("It flies [?].", []), unsupported: [{ sentence: "It flies.", reason: "no passage" }] };
    expect(chatContent(answer).text).toBe("It flies [?].\n\n`[?]` marks what the passages do not support.");
  });
});

it("an answer that is not sure says so, with P(relevant), the limit, why, and its sources", () => {
  const { receipt, ...answer } = answerOf("The docs may not answer this. The closest match:\n\nA Job [1].", [
    citation("Jobs", "https://docs.test/jobs"),
  ]);
  const limits = { refuse: 0.5, answer: 0.95 };
  const why = "the best relevance, 0.91, lies between 0.5 and 0.95";
  const { text } = chatContent({ ...answer, kind: "unsure", receipt: { ...receipt, limits, why } });
  expect(text).toContain("P(relevant) of the closest passage: 0.910. This release answers from 0.950.");
  expect(text).toContain(`Why: ${why}.\n\n**Sources**\n\n1. [Jobs]`);
});

describe("a refusal in a chat", () => {
  it("is ordinary text with P(relevant), the threshold, why, and the closest passages", () => {
    const { text, annotations } = chatContent(abstention());
    expect(text).toBe(
      [
        "The docs do not seem to answer this question. The closest passages are listed.",
        "",
        "P(relevant) of the closest passage: 0.310. This release answers from 0.580.",
        "",
        "Why: the best relevance, 0.31, is below the threshold 0.58.",
        "",
        "**Closest passages**",
        "",
        "1. [Jobs](https://docs.test/jobs) (`page.md`, lines 3-9)",
      ].join("\n"),
    );
    expect(annotations).toHaveLength(1);
    expect(chatExtension(abstention(), "q")).toMatchObject({
      ...{ kind: "abstained", question: "q", relevance: 0.31, threshold: 0.58, release: "r1", corpus: "docs" },
      closest: [{ url: "https://docs.test/jobs" }],
    });
  });

  it("has no number where nothing was found", () => {
    const nothing = abstention();
    const { text } = chatContent({ ...nothing, closest: [], receipt: { ...nothing.receipt, candidates: [] } });
    expect(text).not.toContain("P(relevant)");
    expect(chatExtension({ ...nothing, receipt: { ...nothing.receipt, candidates: [] } }, "q").relevance).toBeNull();
  });
});
