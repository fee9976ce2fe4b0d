import fc from "fast-check";
import { expect, test } from "vitest";
import { stripForeignLinks } from "./foreignLinks.ts";
import { shownSoFar } from "./shownSoFar.ts";

/** What a reader sees while the reply arrives character by character. */
function shown(reply: string): string {
  let before = "";
  for (let length = 1; length <= reply.length; length++) {
    const now = shownSoFar(reply.slice(0, length));
    expect(now.startsWith(before)).toBe(true);
    before = now;
  }
  return before;
}

test.each([
  ["Use a Job [1], then a Pod [2].", "Use a Job [1], then a Pod [2]."],
  [
    "Run:\n\n```sh\ncurl https://host/<name>\n```\n\nThen wait [1].",
    "Run:\n\n```sh\ncurl https://host/<name>\n```\n\nThen wait [1].",
  ],
  ["Set `replicas: <n>` in `spec` [1].", "Set `replicas: <n>` in `spec` [1]."],
  ["R&D: 1 < 2 and a ratio of 3:4, data: none [1]!", "R&D: 1 < 2 and a ratio of 3:4, data: none [1]!"],
])("plain text, code and markers are shown: %j", (reply, expected) => {
  expect(shown(reply)).toBe(expected);
});

test.each([
  ["See ![x](http://evil/?q=1).", "See !"],
  ["See [here](http://evil).", "See [here]"],
  ["See [here][1] now", "See [here]"],
  ["[a]: http://evil", "[a]"],
  ["See https://evil/?q now", "See https:/"],
  ["See www.evil.example", "See www"],
  ["Write to a@evil.example", "Write to a@"],
  ["A <img src=x> b", "A <"],
  ["A `span <b>\nof two` lines", "A"],
  ["A | `b | <img>` | c", "A |"],
  ["~~~\n```\n~~~\n<img>", "~~"],
  ["```\n<a>\n````\n<img>", "```\n<a>"],
  ["\\`<img>` x", ""],
  ["https&#58;//evil", "https&#58"],
])("what could become a link, a picture or HTML ends it: %j", (reply, expected) => {
  expect(shown(reply)).toBe(expected);
});

test.each([
  ["NOT_IN_DOCS", ""],
  ["**not in docs.**", ""],
  ["No, it is not [1].", "No, it is not [1]."],
  ["Use a Job [1].\n\nNOT_IN_DOCS", "Use a Job [1]."],
  ["Use a Job [1]. NOT_IN_DOCS. Or a Pod.", "Use a Job [1]. Or a Pod."],
])("the word of a refusal is never shown: %j", (reply, expected) => {
  expect(shown(reply)).toBe(expected);
});

test("nothing that is shown at any time holds anything that the check would remove", () => {
  const piece = fc.constantFrom(
    ..."a|x y|[a]|(b)|![|](http://e)|<img src=x>|<b>|</|`|``|```|```sh|\n```\n|\n~~~\n|~|\n|\n\n|> |- |  |    |\\|&lt;|&#58;".split(
      "|",
    ),
    ..."|,://,www.,@e.com,a@b.co,mailto:a,javascript:x,[1],NOT_IN_DOCS,<!--,-->,: ,[a]:,#,*,_,\t".split(","),
  );
  const reply = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(reply, (text) => {
      for (let length = 1; length <= text.length; length++) {
        const now = shownSoFar(text.slice(0, length));
        expect(stripForeignLinks(now, [])).toBe(now);
      }
    }),
    { numRuns: 300 },
  );
});

test("a long reply is shown as far as an answer may go", () => {
  expect(shownSoFar("word ".repeat(10_000)).length).toBeLessThanOrEqual(12_000);
});
