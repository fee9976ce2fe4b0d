import { describe, expect, it } from "vitest";
import { rankedPassage, wordScorer } from "./answerFixture.ts";
import { citationsHold } from "./citations.ts";
import { extractiveAnswer } from "./extractive.ts";
import { spansOf } from "./spans.ts";

const jobs = rankedPassage(
  1,
  "A Job tracks Pods until they finish. Jobs are part of the batch API group.\n\n" +
    "To delete finished Jobs automatically, set the field `ttlSecondsAfterFinished` of the Job. " +
    "It takes a number of seconds.\n\nHere is a command that deletes one Job:\n\n```shell\nkubectl delete job pi\n```\n\n" +
    "See the reference for more.",
  0.9,
  ["Jobs", "Clean up"],
);
const cron = rankedPassage(2, "CronJobs keep three finished Jobs. Schedules follow the cron syntax.", 0.6, ["CronJob"]);

describe("extractiveAnswer", () => {
  it("quotes the sentence that answers, not the first one", async () => {
    const answer = await extractiveAnswer("delete finished jobs automatically", [jobs, cron], wordScorer);
    expect(answer!.citations[0]!.quote).toContain("ttlSecondsAfterFinished");
    expect(answer!.text).not.toContain("A Job tracks Pods");
    expect(answer!.text).toContain("[1]");
  });

  it("quotes a command with the sentence that introduces it, in a closed fence", async () => {
    const answer = await extractiveAnswer("command that deletes one job", [jobs], wordScorer);
    expect(answer!.text).toContain("Here is a command that deletes one Job:");
    expect(answer!.text).toContain("kubectl delete job pi");
    expect(answer!.text.match(/```/g)).toHaveLength(2);
  });

  it("quotes to the letter, short, and numbers its citations in order", async () => {
    for (const question of ["finished jobs", "cron schedule syntax", "delete job", "what is a Job", "x"]) {
      const answer = await extractiveAnswer(question, [jobs, cron], wordScorer);
      expect(citationsHold(answer!.citations, [jobs, cron])).toBe(true);
      expect(answer!.text.length).toBeLessThan(1100);
      const markers = [...answer!.text.matchAll(/\[(\d)\]/g)].map((match) => Number(match[1]));
      expect(markers).toEqual(answer!.citations.map((_, index) => index + 1));
    }
  });

  it("gives nothing for passages without text", async () => {
    expect(await extractiveAnswer("x", [rankedPassage(1, " \n", 0.9)], wordScorer)).toBeNull();
  });
});

describe("spansOf", () => {
  const texts = (passage: string) => spansOf(passage).map((span) => span.text);

  it("joins a sentence that leans on the one before with it", () => {
    expect(texts("The kubelet evicts Pods. It does so by priority.")).toEqual([
      "The kubelet evicts Pods.",
      "The kubelet evicts Pods. It does so by priority.",
    ]);
  });

  it("joins a list to its introduction and stops at its end", () => {
    expect(texts("Two modes exist:\n- fast\n- slow\n\nOther prose here.")).toEqual([
      "Two modes exist:\n- fast\n- slow",
      "fast",
      "slow",
      "Other prose here.",
    ]);
  });
});
