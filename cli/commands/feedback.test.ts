import { expect, test } from "vitest";
import type { Decision, ReviewedVote } from "../../contracts/feedback.ts";
import { renderVotes } from "./feedback.ts";

const vote: ReviewedVote = {
  ...{ id: "vote-20261130-000000000000000000", at: new Date().toISOString(), answer: "ask-1", vote: "down" },
  ...{ passage: "p1", place: { page: "job.md", heading: ["Jobs", "Retries"], url: "/job" }, comment: "old\nversion" },
  ...{ voter: null, corpus: "k8s", release: "r1", kind: "extractive", cited: [], questionDigest: null },
  ...{ state: "undecided", decision: null },
};

test("a vote is listed with its question, its place and its comment, and with what to type next", () => {
  const text = renderVotes({ votes: [{ ...vote, question: "how often?" }], hidden: 0, more: false }, "undecided");
  expect(text.split("\n")).toEqual([
    "vote-20261130-000000000000000000  down  undecided",
    "    how often?",
    '    on job.md, "Retries" of ask-1 in k8s, just now',
    '    "old version"',
    "",
    "1 undecided vote.",
    "`npx winnow feedback accept ID` or `reject ID` decides.",
  ]);
});

test("a decided vote names who decided, and a question that is not kept is said to be so", () => {
  const decision: Decision = {
    vote: vote.id,
    verdict: "reject",
    at: vote.at,
    by: "ada",
    reason: "spam",
    question: null,
    passages: [],
  };
  const one = { ...vote, state: "rejected" as const, decision, place: null, comment: null, question: null };
  const text = renderVotes({ votes: [one], hidden: 1, more: true }, "all");
  expect(text).toContain("down  rejected by ada: spam");
  expect(text).toContain("(the text of the question is not kept)");
  expect(text).toContain("on the answer (extractive) of ask-1");
  expect(text).toContain("1 record cannot be read");
  expect(text).not.toContain("accept ID");
  expect(renderVotes({ votes: [], hidden: 0, more: false }, "undecided")).toBe("There is no undecided vote.");
});
