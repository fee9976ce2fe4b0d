import { describe, expect, it } from "vitest";
import type { Passage } from "../../contracts/passage.ts";
import { checkAnswer, stripForeignLinks } from "./citations.ts";
import { citationsHold } from "./testing/citationsHold.ts";

const passage = (n: number, text: string): Passage => ({
  id: `p${n}`,
  page: `page${n}.md`,
  heading: [`Page ${n}`],
  url: `https://docs.example/page${n}/#section`,
  lines: [n, n + 3],
  text,
});

const passages = [
  passage(1, "A Job creates one or more Pods. It retries until they succeed."),
  passage(2, "Set `ttlSecondsAfterFinished` to remove finished Jobs. The controller deletes the Pods too."),
  passage(3, "CronJobs run on a schedule."),
];

describe("checkAnswer", () => {
  it("renumbers markers by first use and quotes the supporting text verbatim", () => {
    const checked = checkAnswer(
      "Finished Jobs are removed by `ttlSecondsAfterFinished` [2]. A Job creates Pods and retries until they succeed [1].",
      passages,
    );
    expect(checked.text).toBe(
      "Finished Jobs are removed by `ttlSecondsAfterFinished` [1]. A Job creates Pods and retries until they succeed [2].",
    );
    expect(checked.citations.map((citation) => citation.page)).toEqual(["page2.md", "page1.md"]);
    expect(checked.citations[0]!.quote).toBe("Set `ttlSecondsAfterFinished` to remove finished Jobs.");
    expect(checked.unsupported).toEqual([]);
    expect(citationsHold(checked.citations, passages)).toBe(true);
  });

  it("drops markers of unknown passages, and reports them", () => {
    const checked = checkAnswer("CronJobs run on a schedule [3][9]. Jobs [0, 1] create Pods.", passages);
    expect(checked.invalidMarkers).toEqual(["[9]", "[0, 1]"]);
    expect(checked.text).toBe("CronJobs run on a schedule [1]. Jobs create Pods [2].");
  });

  it("adds a marker to a supported sentence without one", () => {
    const checked = checkAnswer("CronJobs run on a schedule.", passages);
    expect(checked.text).toBe("CronJobs run on a schedule [1].");
    expect(checked.citations).toHaveLength(1);
  });

  it("keeps a marker after the full stop with its own sentence", () => {
    const checked = checkAnswer("CronJobs run on a schedule. [3] A Job creates one or more Pods. [1]", passages);
    expect(checked.text).toBe("CronJobs run on a schedule [1]. A Job creates one or more Pods [2].");
  });

  it("flags a sentence that its passage does not support, and an invented quotation", () => {
    const checked = checkAnswer(
      'Bananas grow in tropical climates [1]. The docs say "Jobs never retry their Pods at all" [1].',
      passages,
    );
    expect(checked.unsupported).toHaveLength(2);
  });

  it("marks unsupported text, and reports code that no passage contains", () => {
    const checked = checkAnswer(
      "CronJobs run on a schedule [3]. They run 7 times a day [3]:\n\n```\nrm -rf /\n```",
      passages,
    );
    expect(checked.text).toContain("CronJobs run on a schedule [1].");
    expect(checked.unsupported).toEqual([{ sentence: "rm -rf /", reason: 'no passage holds the line "rm -rf /"' }]);
    expect(checkAnswer("CronJobs run on a schedule 7 times [3].", passages).text).toBe(
      "CronJobs run on a schedule 7 times [1][?].",
    );
  });

  it("accepts a sentence about what the passages leave open without a source", () => {
    const checked = checkAnswer("CronJobs run on a schedule [3]. The passages do not say how to pause one.", passages);
    expect(checked.unsupported).toEqual([]);
  });

  it("leaves code spans unchanged: their brackets cite nothing", () => {
    const pods = passage(
      1,
      "To name the Pod, run kubectl get pods -o jsonpath='{.items[0].metadata.name}' in a shell.",
    );
    const answer = "To name the Pod, run `kubectl get pods -o jsonpath='{.items[0].metadata.name}'` [1].";
    expect(checkAnswer(answer, [pods])).toMatchObject({
      text: answer,
      unsupported: [],
      invalidMarkers: [],
      support: 1,
    });
    const two = [pods, passage(2, "The image of the second container is spec.containers[1].image there.")];
    const image = checkAnswer("The image of the second container is `spec.containers[1].image` .x [2].", two);
    expect(image.text).toBe("The image of the second container is `spec.containers[1].image`.x [1].");
    expect(image.citations.map(({ page }) => page)).toEqual(["page2.md"]);
    expect(checkAnswer("Run ``echo `date` [3] .`` [1].", [pods]).text).toContain("Run ``echo `date` [3] .`` [1]");
  });

  it("leaves a block in a longer fence unchanged, including the fence inside it", () => {
    const block = "````\n```\necho $a[1] https://evil.example\n```\n$b[2]\n````";
    expect(checkAnswer(`CronJobs run on a schedule [3]:\n\n${block}`, passages).text).toBe(
      `CronJobs run on a schedule [1]:\n\n${block}`,
    );
  });

  it("leaves code unchanged, including brackets and addresses", () => {
    const answer = "CronJobs run on a schedule [3]:\n\n```\necho $a[1] https://evil.example\n```";
    expect(checkAnswer(answer, passages).text).toBe(
      "CronJobs run on a schedule [1]:\n\n```\necho $a[1] https://evil.example\n```",
    );
  });
});

describe("stripForeignLinks", () => {
  const allowed = ["https://docs.example/page1/#section"];

  it("keeps only links to cited pages", () => {
    expect(
      stripForeignLinks(
        "[a](https://docs.example/page1/) [b](https://evil.example/x) https://evil.example/y.",
        allowed,
      ),
    ).toBe("[a](https://docs.example/page1/) b (link removed)");
  });

  it.each([
    ["![pixel](https://evil.example/p.png)", "pixel"],
    ['<a href="https://evil.example">here</a>', "here"],
    ["<https://evil.example>", ""],
    ["[x](javascript:alert(1))", "x)"],
    ["www.evil.example/a", "(link removed)"],
    ["<img src=x onerror=alert(1)>", ""],
  ])("removes %s", (text, expected) => {
    expect(stripForeignLinks(text, allowed).trim()).toBe(expected);
  });
});
