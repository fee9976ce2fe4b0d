import fc from "fast-check";
import { parseFragment } from "parse5";
import { describe, expect, it, test } from "vitest";
import { processorMs } from "../../../tests/processorTime.ts";
import { bounded } from "../bounded.ts";
import { Asciidoctor } from "./asciidoc/engine.ts";
import { textOf } from "./asciidoc/phrasing.ts";
import { isPage, pagesAmong } from "./index.ts";
import { readFiles, unitsOf } from "./testing/readFiles.ts";
import { readTree } from "./testing/sampleTree.ts";

const read = (...lines: string[]) => readFiles({ "a.adoc": lines.join("\n") }).pages[0]!;
const shown = (...lines: string[]) => unitsOf(read(...lines)).map(({ text }) => text);
describe("blocks read as on the published page", () => {
  it.each([
    ["label of an admonition", ["[IMPORTANT]", "Back up."], ["Important: Back up."]],
    ["terms with their definition", ["a::", "b:: Both."], ["a, b: Both."]],
    ["questions", ["[qanda]", "Why?:: So."], ["1. Why?\nSo."]],
    ["terms in a table", ["[horizontal]", "key:: Value."], ["key: Value."]],
    ["titles", [".Steps", "* one"], ["Steps", "- one"]],
    ["verse", ["[verse, Ann, Book]", "a", "  b"], ["```\na\n  b\n```", "— Ann Book"]],
    ["callouts", ["----", "run <1>", "----", "<1> It runs."], ["```\nrun (1)\n```", "1. It runs."]],
    ["formulas", ["[stem]", "++++", "x^2", "++++"], ["```math\nx^2\n```"]],
    ["CSV", ["[%header,format=csv]", "|===", 'a,"b, c"', "1,2", "|==="], ["a | b, c", "1 | 2"]],
    ["cells of blocks", ['[cols="1a"]', "|===", "|* x", "* y", "|==="], ["x y"]],
    [
      "cells over rows and columns",
      ["|===", "|Name |Type |Default", "", ".2+|size |int |5", "|string |big", "2.2+|both |x", "|y", "|==="],
      ["Name | Type | Default", "size | int | 5", "size | string | big", "both |  | x", "both |  | y"],
    ],
    ["raw HTML", ["++++", "<p>x<b>y</b></p><table><tr><td>1<td>2</table>", "++++"], ["xy", "1 | 2"]],
    ["footnotes, where their number stands", ["A.footnote:[Why _b_.] B."], ["A. (Why b.) B."]],
    ["keys, menus and buttons", ["kbd:[Ctrl+C], menu:File[Save], btn:[OK]"], ["Ctrl+C, File › Save, OK"]],
    ["quotes as typed", ["It's 2^8^... H~2~O"], ["It's 2^8... H_2O"]],
    ["missing attributes as written", ["{nope} \\{x} {empty}y"], ["{nope} {x} y"]],
    ["start of an ordered list", ["[start=4]", ". d", ". e"], ["4. d", "5. e"]],
    [
      "references by their title",
      ["<<_s>> and <<t>>", "", "[[t]]", ".Top", "----", "x", "----", "", "== S", "", "y"],
      ["S and Top", "Top", "```\nx\n```", "y"],
    ],
  ])("%s", (_name, lines, units) => {
    expect(shown("= T", "", ...lines).join("\n")).toBe(units.join("\n"));
  });

  it("hide comments, index terms, scripts and players", () => {
    const lines = [
      "// a",
      "x (((b)))",
      "",
      "[comment]",
      "c",
      "",
      "++++",
      "<script>d</script>",
      "++++",
      "video::e.mp4[]",
    ];
    expect(shown("= T", "", ...lines)).toEqual(["x"]);
  });
});

test("sections have the ids of the page's own settings", () => {
  const ids = (...lines: string[]) => read("= T", ...lines).sections.map(({ anchor }) => anchor);
  expect(ids("", "== A b", "", "x", "", "== A b", "", "y")).toEqual(["_a_b", "_a_b_2"]);
  expect(ids(":idprefix:", ":idseparator: -", "", "== A b", "", "x", "", "[[own]]", "=== C", "", "y")).toEqual([
    "a-b",
    "own",
  ]);
  expect(ids("", "[[d.e]]", "== D", "", "x", "", "[discrete#f]", "== F", "", "y")).toEqual(["d.e", "f"]);
});

test("the title is that of the header, with its attributes and without marks", () => {
  const title = (...lines: string[]) => read(...lines).page.title;
  expect(title("// c", ":p: X", "= The `run` of {p} *now*", "", "x")).toBe("The run of X now");
  expect(title("////", "A licence", "////", "= Below", "", "x")).toBe("Below");
  expect(title("git-log(1)", "==========", "", "x")).toBe("git-log(1)");
  expect(title("---", "title: Front", "---", "= Own", "", "x")).toBe("Front");
  expect(title("no title", "", "x")).toBe("a");
});

test("nothing reaches files, hosts or the day", () => {
  const lines = [
    ":docinfo: shared",
    ":data-uri:",
    ":allow-uri-read:",
    ":safe: unsafe",
    ":source-highlighter: rouge",
    ":icons: image",
    ":toc:",
  ];
  const shownText = shown(
    "= T",
    ...lines,
    "",
    "{docdate}{localtime}{user-home}{docdir}",
    "",
    "image::/etc/passwd[A]",
    "",
    "image::https://a.example/b.svg[B,opts=inline]",
    "",
    "[source,ruby,linenums]",
    "----",
    "puts 1",
    "----",
  );
  expect(shownText).toEqual(["{docdate}{localtime}.", "A", "B", "```ruby\nputs 1\n```"]);
});

test("a page that nests too deeply or has too many headings is refused with the reason", () => {
  const deep = `++++\n${"<div>".repeat(5_000)}\n++++\n`;
  const files = (text: string) => [{ path: "a.adoc", bytes: Buffer.from(text) }];
  const made = (text: string, ms: number) => bounded(() => readTree({ files: files(text), generator: null }), ms);
  expect(made(deep, 10_000)).toEqual({ reason: "is nested too deeply" });
  expect(readFiles({ "b.adoc": "x\n", "a.adoc": "== h\n\n".repeat(5_001) }).reasons).toEqual([
    { page: "a.adoc", reason: "has more than 5000 headings" },
  ]);
});

it.each([
  ["columns of a table", ['[cols="999999999*"]', "|===", "|a", "|==="], "a"],
  ["columns by their number", ["[cols=999999999]", "|===", "|a", "|==="], "a"],
  ["rows of a cell", ["|===", ".999999999+|a", "|==="], "a"],
  ["blanks of code", ["[source,indent=999999999]", "----", "a", "b", "----"], `\`\`\`\n${" ".repeat(40)}a\n`],
  ["blanks of a tab", [":tabsize: 999999999", "", "----", "\ta", "b", "----"], `\`\`\`\n${" ".repeat(40)}a\n`],
])("a page that asks for a thousand million %s gets few", (_, lines, start) => {
  expect(
    processorMs(() =>
      expect(
        shown(...lines)
          .join("\n")
          .startsWith(start),
      ).toBe(true),
    ),
  ).toBeLessThan(3_000);
});

test("a key or a signature beside the docs is no page and leaves their root", () => {
  const files = ["docs/a.md", "docs/key.asc", "release.zip.asc"].map((path) => ({ path }));
  expect(pagesAmong(files).map(({ path }) => path)).toEqual(["docs/a.md"]);
  expect(files.filter(({ path }) => isPage(path))).toEqual([{ path: "docs/a.md" }]);
});

const WORD = fc.stringMatching(/^[a-z]{3,8}$/);
const PIECES = [
  "WORD *WORD* _WORD_ `WORD` #WORD# WORD^WORD^ +WORD+",
  "* WORD\n** WORD\n+\nWORD\n\n. WORD",
  "WORD:: WORD\nWORD::\n* WORD",
  "NOTE: WORD",
  "[WARNING]\n====\nWORD\n\n* WORD\n====",
  "|===\n|WORD |WORD\n\n|WORD |WORD\n|===",
  '[cols="1,a"]\n|===\n|WORD |. WORD\n|===',
  ".WORD\n----\nWORD <1>\n----\n<1> WORD",
  "[source,WORD]\n----\nWORD\n----",
  "== WORD `WORD`",
  "=== WORD",
  "[discrete]\n=== WORD",
  "____\nWORD\n\n* WORD\n____",
  "****\nWORD\n****",
  "image::WORD.png[WORD,title=WORD]",
  "WORD footnote:[WORD] WORD",
  "https://WORD.example[WORD] xref:WORD.adoc[WORD] <<WORD>>",
  "++++\n<div>WORD<p>WORD</p></div>\n++++",
  "[stem]\n++++\nWORD\n++++",
  "stem:[WORD] kbd:[WORD+WORD]",
  "// WORD",
  ":WORD: WORD",
  "[%collapsible]\n====\nWORD\n====",
  "[qanda]\nWORD:: WORD",
  "[horizontal]\nWORD:: WORD",
  "[verse, WORD]\nWORD\nWORD",
  " WORD\n  WORD",
  "'''",
  "--\nWORD\n--",
  "<<<",
  "* [x] WORD\n* [ ] WORD",
  "ifdef::WORD[]\nWORD\nendif::[]",
  "ifndef::WORD[]\nWORD\nendif::[]",
  "WORD +\nWORD -- WORD... WORD's",
  "[[WORD]]WORD (((WORD))) ((WORD))",
  "[quote, WORD]\nWORD",
];

test("no word that Asciidoctor shows is dropped", () => {
  const piece = fc
    .tuple(fc.constantFrom(...PIECES), fc.array(WORD, { minLength: 12, maxLength: 12 }))
    .map(([text, words]) => text.replace(/WORD/g, () => words.shift()!));
  const asciidoctor = new Asciidoctor();
  const wordsOf = (text: string) => text.match(/[a-z]{3,}/g) ?? [];
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
      const lines = `= Title\n\n${pieces.join("\n\n")}`.split("\n");
      const { html } = asciidoctor.convert(lines, { outfilesuffix: ".adoc", experimental: "" }, () => {});
      const spaced = html
        .replace(/<img [^>]*alt="([^"]*)"[^>]*>/g, " $1 ")
        .replace(/<(?=\/?(?:p|div|t[dhr]|d[dt]|li|br|h\d|pre|su[bp]))/g, " <");
      const kept = read(...lines).passages.flatMap(({ heading, text }) => [...heading, text]);
      const left = new Map<string, number>();
      for (const word of wordsOf(kept.join("\n"))) left.set(word, (left.get(word) ?? 0) + 1);
      for (const word of wordsOf(textOf(parseFragment(spaced).childNodes))) {
        expect(left.get(word) ?? 0, word).toBeGreaterThan(0);
        left.set(word, left.get(word)! - 1);
      }
    }),
    { numRuns: 30 },
  );
});
