import { describe, expect, it } from "vitest";
import { doubtAbout, doubtAboutCode } from "./support.ts";
import { rankedPassage } from "./testing/answerFixture.ts";

const jobs = rankedPassage(
  1,
  "Set `ttlSecondsAfterFinished` to remove finished Jobs after 100 seconds. A Job retries its Pods six times.\n" +
    "The controller does not delete running Jobs.\n```\nkubectl delete job pi\n```",
  0.9,
  ["Jobs"],
);

describe("doubtAbout", () => {
  it.each([
    "Finished Jobs are removed after 100 seconds by `ttlSecondsAfterFinished`.",
    "A Job retries its Pods 6 times.",
    "The controller does not delete running Jobs.",
    "The passages do not say how to pause a CronJob.",
    "To remove finished Jobs:",
  ])("has none about %s", (sentence) => {
    expect(doubtAbout(sentence, [jobs])).toBeNull();
  });

  it.each([
    ["Finished Jobs are removed after 200 seconds.", "200 seconds is not in the passage cited"],
    ["Set `ttlSecondsAfterStart` to remove finished Jobs.", "ttlSecondsAfterStart is not in the passage cited"],
    ["Remove finished Jobs with --purge-jobs set.", "--purge-jobs is not in the passage cited"],
    ["The controller does delete running Jobs.", "the passage cited says the opposite"],
    ["Bananas grow in tropical climates.", "the passage cited does not say this"],
    [
      'The docs say "Jobs never retry their Pods".',
      'the quotation "Jobs never retry their Pods" is not in the passage cited',
    ],
  ])("doubts %s", (sentence, reason) => {
    expect(doubtAbout(sentence, [jobs])).toBe(reason);
  });

  it("accepts a number with another spelling of its unit or thousands, but no other number", () => {
    const probe = rankedPassage(1, "The probe of a Pod times out after 30s. A node holds 1000 Pods.", 0.9);
    for (const sentence of [
      "The probe times out after 30 seconds.",
      "The probe times out after 30s.",
      "The probe times out after `30s`.",
      "A node holds 1,000 Pods.",
    ])
      expect(doubtAbout(sentence, [probe])).toBeNull();
    for (const other of ["30 minutes", "30m", "40s"])
      expect(doubtAbout(`The probe times out after \`${other}\`.`, [probe])).toBe(
        `${other} is not in the passage cited`,
      );
    expect(doubtAbout("A node holds 1,001 Pods.", [probe])).toBe("1,001 is not in the passage cited");
  });

  it("doubts a claim without a source", () => {
    expect(doubtAbout("A Job retries its Pods.", [])).toBe("no passage says this");
  });
});

describe("doubtAboutCode", () => {
  it("requires every line except comments in a passage", () => {
    expect(doubtAboutCode("# remove it\nkubectl  delete job pi", [jobs])).toBeNull();
    expect(doubtAboutCode("kubectl delete job pi\nkubectl delete ns --all", [jobs])).toBe(
      'no passage holds the line "kubectl delete ns --all"',
    );
  });
});
