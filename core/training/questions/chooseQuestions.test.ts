import { describe, expect, it } from "vitest";
import type { PassageList } from "../../artifacts/passagesOnDisk.ts";
import { docPassage, smallCorpus } from "../testing/corpusFixture.ts";
import { trainingCorpus } from "../trainingCorpus.ts";
import { chooseQuestions, heldoutQuestions, pagesOf } from "./chooseQuestions.ts";
import { HELDOUT_SOURCES } from "./heldout.ts";
import { allQuestions } from "./questions.ts";

const LIMITS = { max: 100, seed: 1 };
const PROSE =
  "The boiler in the cellar starts with the red lever beside the gauge. " +
  "If the pressure falls below one bar, open the tap of the water pipe until the needle rises again.";

it("questions for each split are made without looking up passages of a file one by one", () => {
  const passages = [...smallCorpus().passages.values()];
  const looked: number[] = [];
  const inFile: PassageList = {
    length: passages.length,
    entries: () => passages.entries(),
    values: () => passages.values(),
    at(position) {
      looked.push(position);
      return passages[position];
    },
  };
  const corpus = trainingCorpus(inFile, []);
  const splitOf = (page: string) => (page === "workers.md" ? "heldout" : "train");
  const chosen = chooseQuestions({ seed: 1 }, corpus, allQuestions(corpus, 1), splitOf);
  expect([chosen.train.length, chosen.heldout.length].every((count) => count > 0)).toBe(true);
  expect(looked).toEqual([]);
});

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
