import { describe, expect, it } from "vitest";
import { docPassage, smallCorpus } from "../testing/corpusFixture.ts";
import { trainingCorpus } from "../trainingCorpus.ts";
import { heldoutQuestions, pagesOf } from "./chooseQuestions.ts";
import { HELDOUT_SOURCES } from "./heldout.ts";
import { allQuestions } from "./questions.ts";

const LIMITS = { max: 100, seed: 1 };
const PROSE =
  "The boiler in the cellar starts with the red lever beside the gauge. " +
  "If the pressure falls below one bar, open the tap of the water pipe until the needle rises again.";

describe("held-out questions", () => {
  const corpus = smallCorpus();
  const everything = allQuestions(corpus, 1);
  const pageOf = ({ position }: { position: number }) => corpus.passages.at(position)!.page;

  it("are about held-out pages", () => {
    const { questions, allPages } = heldoutQuestions(
      corpus,
      everything,
      (page) => (page === "workers.md" ? "heldout" : "train"),
      LIMITS,
    );
    expect(questions.length).toBeGreaterThan(0);
    expect(new Set(questions.map(pageOf))).toEqual(new Set(["workers.md"]));
    expect(allPages).toBe(false);
  });

  it("are about all pages if there are too few to hold one out", () => {
    const { splitOf } = pagesOf({ strict: false }, corpus, []);
    expect([...corpus.byPage.keys()].map(splitOf)).not.toContain("heldout");
    const { questions, allPages } = heldoutQuestions(corpus, everything, splitOf, LIMITS);
    expect(new Set(questions.map(pageOf))).toEqual(new Set(corpus.byPage.keys()));
    expect(questions.every(({ source }) => HELDOUT_SOURCES.includes(source))).toBe(true);
    expect(allPages).toBe(true);
  });

  it("in the docs' own words are short and asked once, in scripts without blanks too", () => {
    const pages = ["a.txt", "b.txt"].map((page) => docPassage(page, ["notes"], "字".repeat(900)));
    const { questions } = heldoutQuestions(trainingCorpus(pages, []), [], () => "train", LIMITS);
    expect(questions.map(({ text }) => text)).toEqual(["字".repeat(200)]);
  });

  it("use the docs' own words if a page without headings gives no others", () => {
    const plain = trainingCorpus([docPassage("notes.txt", ["notes"], PROSE)], []);
    const { questions } = heldoutQuestions(plain, allQuestions(plain, 1), () => "train", LIMITS);
    expect(questions.length).toBeGreaterThan(0);
  });
});
