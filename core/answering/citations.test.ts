import { describe, expect, it } from "vitest";
import { processorMs } from "../../tests/processorTime.ts";
import { checkAnswer } from "./citations.ts";
import { TangledText } from "./foreignLinks.ts";
import { citationsHold } from "./testing/citationsHold.ts";
import { citedPassage as passage } from "./testing/citedPassage.ts";

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
    expect(checked.text).toMatch(/```\nrm -rf \/\n```\n\[\?\]$/);
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
    expect(image.text).toBe("The image of the second container is `spec.containers[1].image` .x [1].");
    expect(image.citations.map(({ page }) => page)).toEqual(["page2.md"]);
    expect(checkAnswer("Run ``echo `date` [3] .`` [1].", [pods]).text).toContain("Run ``echo `date` [3] .`` [1]");
  });

  it("leaves a block in a longer fence unchanged, including the fence inside it", () => {
    const block = "````\n```\necho $a[1] https://evil.example\n```\n$b[2]\n````";
    expect(checkAnswer(`CronJobs run on a schedule [3]:\n\n${block}`, passages).text).toBe(
      `CronJobs run on a schedule [1]:\n\n${block}\n[?]`,
    );
  });

  it("leaves code unchanged, including brackets and addresses", () => {
    const answer = "CronJobs run on a schedule [3]:\n\n```\necho $a[1] https://evil.example\n```";
    expect(checkAnswer(answer, passages).text).toBe(
      "CronJobs run on a schedule [1]:\n\n```\necho $a[1] https://evil.example\n```\n[?]",
    );
  });

  it("marks code below its fence, in the middle of an answer too, and not code that a passage contains", () => {
    const held = [passage(1, "Delete the job:\n\n```shell\nkubectl delete job pi\n```\n\nIt deletes its Pods too.")];
    const block = (line: string) => `Delete the job [1]:\n\n\`\`\`shell\n${line}\n\`\`\``;
    const after = "\n\nIt deletes its Pods too [1].";
    expect(checkAnswer(block("kubectl delete job pi") + after, held).text).toBe(block("kubectl delete job pi") + after);
    expect(checkAnswer(block("rm -rf /") + after, held).text).toBe(`${block("rm -rf /")}\n[?]${after}`);
  });
});

describe("an LLM's words stay as they are", () => {
  const words = [
    "helm package turns a chart into a .tgz archive",
    "Edit the .yaml of the chart",
    "Values reach templates as .Values and .Release.Name",
    "Files named in .helmignore and .env are left out",
    "Wait ... until it ends",
    "Run make , then ship",
    "Type :q to leave vi",
    "The first is items[0].name and argv[0] is the command",
    "The path is spec.containers[1].image there",
    "Set a <name> and a <pod-name>: both are needed",
    "It costs 5 < 6 && 7 > 6",
    "Use *.yaml, **/*.md, a_b_c and 2 * 3 * 4",
    "A snowman ☃, an emoji 🦀 and ポッド",
    "See (e.g. the docs) and [optional] parts",
    "Type C:\\Users\\me or \\\\server\\share",
    "| Field | Default |",
    "- a list item",
    "1. a numbered item",
  ];

  it.each(words)("%s", (sentence) => {
    const said = `${sentence} [1].`;
    const gaps = sentence.replace(/<[a-z-]+>/g, (gap) => `\`${gap}\``);
    expect(checkAnswer(said, [passage(1, sentence)]).text).toBe(`${gaps} [1].`);
    expect(checkAnswer(`${sentence} [1] .`, [passage(1, sentence)]).text).toBe(`${gaps} [1].`);
    expect(checkAnswer(`${sentence}. [1]`, [passage(1, sentence)]).text).toBe(`${gaps} [1].`);
  });

  it("around a marker before an ellipsis, a question, a colon", () => {
    const job = [passage(1, "Wait until the Job ends, or stop it. What then")];
    expect(checkAnswer("Wait until the Job ends...", job).text).toBe("Wait until the Job ends [1]...");
    expect(checkAnswer("Stop the Job, what then?", job).text).toBe("Stop the Job, what then [1]?");
  });
});

describe("a reply of any size", () => {
  it("is cut where it is longer than an answer may be, at the end of a sentence, with its code closed", () => {
    const long = checkAnswer("A Job creates one or more Pods. [1] ".repeat(7000), passages);
    expect(long).toMatchObject({ cut: true, unsupported: [] });
    expect(long.text.length).toBeLessThan(14_000);
    expect(long.text).toMatch(/Pods \[1\]\.$/);
    const code = checkAnswer(`A Job creates one or more Pods [1]:\n\n~~~~\n${"a line\n".repeat(5000)}`, passages);
    expect(code.text).toMatch(/a line\n~~~~/);
    expect(checkAnswer("A Job creates one or more Pods [1].", passages).cut).toBe(false);
  });

  it("has a bounded list of doubts; the text marks every one", () => {
    const checked = checkAnswer("Bananas are blue. ".repeat(500), passages);
    expect(checked.unsupported).toHaveLength(30);
    expect(checked.text.match(/\[\?\]/g)).toHaveLength(500);
    const wide = checkAnswer(`Bananas are ${"blue and ".repeat(900)}🦀 [1].`, passages);
    expect(wide.unsupported[0]!.sentence.length).toBeLessThan(400);
  });

  // Twelve thousand characters take seconds at most; a check without a bound took minutes for some of these.
  it.each(
    '[ ![ <a < [a]( [a][ *a _ ** *_ ` `a`` ~ > - [^a] <!-- &# \\ ( www.a http://a a@b.c ]( <b> ```\n {{ $ |-| | (1. A. [1] 【 . \n \t \u00a0 \u200b 🦀 <? <![CDATA[ [a]:x\n ![a](b)<b> "a NOT_IN_DOCS --a_'
      .split(" ")
      .concat([" ", "<a ", "- a\n ", "> ", "- ", "a. ", "| a |\n|--|\n", '"a b ']),
  )("of 200 KB of %j is checked in bounded time", (opener) => {
    const reply = `Use a Job [1]. ${opener.repeat(Math.ceil(200_000 / opener.length))}`;
    const took = processorMs(() => {
      try {
        checkAnswer(reply, passages);
      } catch (error) {
        expect(error).toBeInstanceOf(TangledText);
      }
    });
    expect(took).toBeLessThan(8000);
  });
});
