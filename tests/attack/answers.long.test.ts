import fc from "fast-check";
import { expect, test } from "vitest";
import { checkAnswer } from "../../core/answering/citations.ts";
import { stripForeignLinks, TangledText } from "../../core/answering/foreignLinks.ts";
import { withoutRefusal } from "../../core/answering/prompt.ts";
import { citationsHold } from "../../core/answering/testing/citationsHold.ts";
import { citedPassage as passage } from "../../core/answering/testing/citedPassage.ts";
import { linksIn } from "../../core/answering/testing/linksIn.ts";
import { expectNoGrowth, TRIALS } from "./trials.ts";

/** Hours of a machine that others use too: what a single answer may take is checked by itself. */
const TIMEOUT_MS = 2 * 3_600_000;

const PASSAGES = [
  passage(1, "A Job creates one or more Pods. Set `ttlSecondsAfterFinished: 100` to remove it."),
  passage(
    2,
    "Delete the job:\n\n```shell\nkubectl delete job pi\n```\n\n| Field | Default |\n| --- | --- |\n| backoffLimit | 6 |",
  ),
  passage(3, ""),
];
const OWN = /^https:\/\/docs\.example\/page[123]\/(?:#|$)/;

/** Pieces that form links, code, tags and citations, and break each other. */
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ..."[ ] ( ) ! < > ` `` ``` ~~~ * _ ~ | \\ & # : . , ? - + = / \" ' \n \n\n \t { } $ @ ^ 【 】".split(" "),
      " ",
      "    ",
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "[x](//evil)",
      "![p](//evil/p)",
      "[r]",
      "[r]: //evil\n",
      "[1]: //evil\n",
      "<b>",
      "</b>",
      "<script>",
      "<!--",
      "-->",
      "<img src=//evil ",
      "<?",
      "<![CDATA[",
      "https://evil.example/a",
      "www.evil.example",
      "https&#58;//evil",
      "&#60;b&#62;",
      "\\[",
      "\\`",
      "javascript:alert(1)",
      "a@evil.example",
      "<https://evil.example>",
      "<name>",
      "[^1]",
      "[^1]: //evil\n",
      "(//evil)",
      "(<//evil>)",
      "](//evil)",
      "> ",
      "- ",
      "1. ",
      "| a |\n| - |\n",
      "https://docs.example/page1/",
      "[a](https://docs.example/page1/)",
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "[1]",
      "[2]",
      "[0]",
      "[9]",
      "[1, 2]",
      "[1][2]",
      "【3】",
      "[ 1 ]",
      " [1].",
      "[001]",
      "[999]",
      "[1](x)",
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "A Job creates Pods",
      "Delete the job",
      "kubectl delete job pi",
      "the docs do not say",
      "NOT_IN_DOCS",
      ".tgz",
      "items[0].name",
      "backoffLimit is 6",
      "never",
      "“quoted text here”",
      "e.g.",
      "🦀",
      "ポッド",
      "\u200b",
      "\u2028",
      "\ud800",
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
);
const answer = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

test(
  `${TRIALS} answers: only links to pages given, quotes to the letter, markers that exist`,
  () => {
    let withheld = 0;
    expectNoGrowth(() =>
      fc.assert(
        fc.property(answer, (reply) => {
          const began = performance.now();
          try {
            const { text, citations } = checkAnswer(withoutRefusal(reply), PASSAGES);
            expect(linksIn(text).filter((url) => !OWN.test(url))).toEqual([]);
            expect(citationsHold(citations, PASSAGES)).toBe(true);
          } catch (error) {
            if (!(error instanceof TangledText)) throw error;
            withheld++;
          }
          expect(performance.now() - began).toBeLessThan(60_000);
        }),
        { numRuns: TRIALS },
      ),
    );
    expect(withheld).toBeLessThan(TRIALS / 100);
  },
  TIMEOUT_MS,
);

test("what is stripped once stays as it is", () => {
  fc.assert(
    fc.property(answer, (text) => {
      try {
        const once = stripForeignLinks(text, []);
        expect(stripForeignLinks(once, [])).toBe(once);
      } catch (error) {
        if (!(error instanceof TangledText)) throw error;
      }
    }),
    { numRuns: TRIALS / 10 },
  );
});
