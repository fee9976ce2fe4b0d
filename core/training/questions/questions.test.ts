import { describe, expect, it } from "vitest";
import { docLink, docPassage, smallCorpus } from "../testing/corpusFixture.ts";
import { trainingCorpus } from "../trainingCorpus.ts";
import { headingQuestions } from "./headingQuestions.ts";
import { linkQuestions } from "./linkQuestions.ts";
import { allQuestions, sampleQuestions } from "./questions.ts";
import { conditionIn, sentenceQuestions, taskIn } from "./sentenceQuestions.ts";

const steady = () => 0.4;
const isSentence = ({ source }: { source: string }) => ["cloze", "keywords", "definition"].includes(source);

describe("headingQuestions", () => {
  it("asks for a task, joins a generic heading with its title, and skips one without content", () => {
    const texts = headingQuestions(smallCorpus(), steady).map((question) => question.text);
    expect(texts).toContain("how to drain a queue");
    expect(texts).toContain("job priorities limitations");
    expect(texts.join()).not.toMatch(/next/);
  });
});

describe("linkQuestions", () => {
  it("asks for the topic that the sentence gives for the link; the linked section answers and the linking passage is related", () => {
    const [sameSite, urgent] = linkQuestions(smallCorpus(), steady);
    expect(urgent!.text).toMatch(/urgent job ordering/);
    expect([urgent!.position, urgent!.related]).toEqual([5, [0]]);
    expect(sameSite!.text).toMatch(/jobs that lose (their|my) worker/);
    expect([sameSite!.position, sameSite!.related]).toEqual([4, [3]]);
  });

  it("makes none from a link to its own section, a dead link, or an anchor without content", () => {
    const corpus = smallCorpus();
    const own = corpus.passages.at(4)!;
    const sentence = "For more information about urgent job ordering, see here.";
    corpus.links = [
      docLink(own, sentence, "here", own, "Lost workers"),
      docLink(own, sentence, "here", { ...own, page: "gone.md" }, null),
      docLink(own, "Click here.", "here", corpus.passages.at(0)!, null),
    ];
    expect(linkQuestions(corpus, steady)).toEqual([]);
  });
});

describe("sentences", () => {
  it.each([
    ["To scale a busy Deployment, run kubectl scale.", "scale a busy Deployment"],
    ["In order to rotate client certificates, restart the kubelet.", "rotate client certificates"],
    ["You can restrict network traffic by using a policy.", "restrict network traffic"],
    ["You can use kubectl drain to evict all Pods safely.", "evict all Pods safely"],
    ["If you want to read container logs, use the API.", "read container logs"],
    ["To learn more about scaling Pods, see the guide.", null],
    ["To do this, run the command above.", null],
    ["The Pod restarts.", null],
  ])("task of %j is %j", (sentence, task) => {
    expect(taskIn(sentence)).toBe(task);
  });

  it.each([
    ["If a worker node loses its power, its Pods stay in Terminating state.", "a worker node loses its power"],
    ["When kubelet restarts with swap enabled on Linux, it fails.", "kubelet restarts with swap enabled on Linux"],
    ["If you want a shell, use exec.", null],
    ["When this happens on the node, wait.", null],
  ])("condition of %j is %j", (sentence, condition) => {
    expect(conditionIn(sentence)).toBe(condition);
  });

  it("takes a cloze sentence out of its passage, and keeps the rest", () => {
    const corpus = smallCorpus();
    const clozes = sentenceQuestions(corpus, steady).filter(
      ({ source }) => source === "cloze" || source === "keywords",
    );
    expect(clozes.length).toBeGreaterThan(2);
    for (const { reducedText, evidence, position } of clozes) {
      expect(corpus.passages.at(position)!.text).toContain(evidence);
      expect(reducedText).not.toContain(evidence);
      expect(reducedText!.split(" ").length).toBeGreaterThanOrEqual(30);
    }
  });
});

describe("allQuestions", () => {
  it("is the same for the same seed, differs for another, and repeats no question", () => {
    const [a, b, c] = [1, 1, 2].map((seed) => allQuestions(smallCorpus(), seed).map((question) => question.text));
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    expect(new Set(a).size).toBe(a!.length);
  });
});

describe("sampleQuestions", () => {
  const pages = Array.from({ length: 40 }, (_, n) => [
    docPassage(`p${n}.md`, [`Feature ${n} of engine`], `Feature ${n} is an engine part that moves wheel ${n} forward.`),
    ...Array.from({ length: 30 }, (_, m) =>
      docPassage(`p${n}.md`, [`Feature ${n}`, `Setting part${n}x${m} speed`], `Text ${n} ${m} about speed.`),
    ),
  ]).flat();
  const corpus = trainingCorpus(pages, []);

  it("caps what one page gives and what one source gives", () => {
    const sample = sampleQuestions(corpus, allQuestions(corpus, 1), { max: 400, seed: 1 });
    const perPage = new Map<string, number>();
    for (const { position } of sample) {
      const { page } = corpus.passages.at(position)!;
      perPage.set(page, (perPage.get(page) ?? 0) + 1);
    }
    expect(Math.max(...perPage.values())).toBeLessThanOrEqual(Math.ceil(6 * Math.sqrt(31) + 1));
    expect(sample.filter(({ source }) => source === "heading").length).toBeLessThanOrEqual(162);
    expect(sample.length).toBeGreaterThan(50);
  });

  it("adds sentences of the docs only if headings and similar sources give too few questions", () => {
    const sentences = (from: typeof corpus) =>
      sampleQuestions(from, allQuestions(from, 1), { max: 400, seed: 1 }).filter(isSentence).length;
    expect(allQuestions(corpus, 1).some(({ source }) => source === "definition")).toBe(true);
    expect(sentences(corpus)).toBe(0);
    expect(sentences(smallCorpus())).toBeGreaterThan(0);
  });

  it.each([39, 40, 60, 99])("of %i headings alone takes a share, and sentences up to 40", (count) => {
    const made = allQuestions(corpus, 1);
    const headings = made.filter(({ source }) => source === "heading").slice(0, count);
    const sentences = made.filter(isSentence);
    const sample = sampleQuestions(corpus, [...headings, ...sentences], { max: 400, seed: 1, perPage: 100 });
    const asked = sample.filter(({ source }) => source === "heading").length;
    expect(asked).toBe(Math.round(0.405 * count));
    expect(sample.length).toBe(40);
  });

  it("counts written questions before adding sentences, and adds none if disabled", () => {
    const made = allQuestions(smallCorpus(), 1);
    const written = Array.from({ length: 45 }, (_, n) => ({
      ...made[0]!,
      text: `asked ${n}`,
      source: "written" as const,
    }));
    const options = { max: 400, seed: 1 };
    expect(sampleQuestions(smallCorpus(), [...made, ...written], options).some(isSentence)).toBe(false);
    expect(sampleQuestions(smallCorpus(), made, { ...options, fewest: 0 }).some(isSentence)).toBe(false);
  });

  it("returns no more than requested", () => {
    expect(sampleQuestions(corpus, allQuestions(corpus, 1), { max: 30, seed: 1 }).length).toBeLessThanOrEqual(32);
  });
});

describe("written questions in a sample", () => {
  const corpus = smallCorpus();
  const made = Array.from({ length: 40 }, (_, n) => question("heading", n));
  const written = Array.from({ length: 40 }, (_, n) => question("written", n));
  function question(source: "heading" | "written", n: number) {
    const whole = { window: null, reducedText: null, fromHeading: false, evidence: null, related: [] };
    return { text: `${source} question ${n}`, source, position: n % 6, ...whole, scope: "section" as const };
  }
  const sampled = (count: number) => {
    const options = { max: 12, seed: 1, perPage: 100 };
    const sample = sampleQuestions(corpus, [...made, ...written.slice(0, count)], options);
    const ours = sample.filter(({ source }) => source === "written").length;
    return { ours, others: sample.length - ours };
  };

  it("replace three others each, up to half of the sample", () => {
    const { others } = sampled(0);
    expect(sampled(1)).toEqual({ ours: 1, others: expect.any(Number) });
    expect(sampled(1).others).toBeLessThanOrEqual(others);
    expect(sampled(40).ours).toBe(6);
    expect(sampled(40).others).toBeLessThanOrEqual(6);
  });
});
