import { describe, expect, it, test } from "vitest";
import { processorMs } from "../../../tests/processorTime.ts";
import { isPage, languageOf, pagesAmong } from "./index.ts";
import { readTree } from "./testing/sampleTree.ts";

function read(...lines: string[]) {
  const file = { path: "notes.txt", bytes: Buffer.from(lines.join("\n")) };
  return readTree({ files: [file], generator: null }).pages[0]!;
}

const shown = (...lines: string[]) =>
  read(...lines)
    .passages.map(({ text }) => text)
    .join("\n");

describe("an underlined line", () => {
  it("is a heading if the line below is as long, and its mark gives the level", () => {
    const { page, sections } = read("Top", "===", "", "a", "", "Part", "----", "", "b", "", "Next", "====", "", "c");
    expect(page.title).toBe("Top");
    expect(sections.map(({ heading }) => heading)).toEqual([["Top"], ["Top", "Part"], ["Top", "Next"]]);
  });

  it("is text if the marks are shorter, or the line belongs to a paragraph", () => {
    const { sections } = read("A long sentence of text", "---", "", "first line", "second line", "-----------");
    expect(sections).toHaveLength(1);
  });
});

test("indented blocks are one code block, without the indentation they share", () => {
  expect(shown("Run:", "", "    if x:", "        go", "", "    end", "", "Done.")).toBe(
    "Run:\n```\nif x:\n    go\n\nend\n```\nDone.",
  );
});

test("a text that is indented as a whole is no code, as in an RFC", () => {
  const lines = ["1. Intro", "", "   This memo", "   says much.", "", "   More text", "   here.", "", "      code"];
  expect(shown(...lines)).toBe("1. Intro\nThis memo says much.\nMore text here.\n```\ncode\n```");
});

test("an address of a text has no fragment", () => {
  const { passages } = read("Top", "===", "", "a", "", "Part", "----", "", "b");
  expect(passages.map(({ url }) => url)).toEqual(["/docs/notes.txt", "/docs/notes.txt"]);
});

test("files that programs read are no pages", () => {
  const named = (names: string) => names.split(" ").filter(isPage);
  expect(named("LICENSE.txt a/robots.txt requirements.txt requirements-dev.txt dev-requirements.txt")).toEqual([]);
  expect(named("CMakeLists.txt LICENSE-MIT.txt llms-full.txt NOTICE.txt")).toEqual([]);
  const docs = "notes.txt a/faq.text licensing.txt README.txt security-guide.txt";
  expect(named(docs)).toEqual(docs.split(" "));
});

test("a text is a page beside a page of another format, or in a source without any", () => {
  const among = (paths: string) => pagesAmong(paths.split(" ").map((path) => ({ path }))).map(({ path }) => path);
  expect(among("a/b.md a/c.txt data/words.txt")).toEqual(["a/b.md", "a/c.txt"]);
  expect(among("a/c.txt data/words.txt")).toEqual(["a/c.txt", "data/words.txt"]);
});

test("a list of 500,000 items takes linear time", () => {
  const body = "- a\n".repeat(500_000);
  expect(processorMs(() => languageOf("a.txt").parse(body))).toBeLessThan(4000);
});
