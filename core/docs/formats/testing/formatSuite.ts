import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { processorMs } from "../../../../tests/processorTime.ts";
import type { Format } from "../format.ts";
import { languageOf } from "../index.ts";
import { openSample, type ReadPage, readAs, readTree, type SampleTree } from "./sampleTree.ts";

const SEEN = /seen[A-Za-z]+/g;
const HIDDEN = /hidden[A-Za-z]+/g;
const LEAST_WORDS = 15;
/** Maximum number of lines of a passage at the sample's small budget. */
const MAX_LINES = 20;
/** Characters of hostile text built by repeating a line of the sample. */
const LONG = 30_000;
/** A line length, in characters, that no page written for readers has. */
const HUGE = 300_000;
const TIMES = 20;
const DEEP = 90;

/** Requirements for every format of the table, tested on its sample under `samples/`. */
export function describeFormat({ name }: Format): void {
  describe(`the format ${name}`, () => {
    describeSample(name);
    describeBroken(name);
    describeHostile(name);
  });
}

function describeSample(name: string): void {
  let tree: SampleTree;
  beforeAll(async () => {
    tree = await openSample(name);
  });

  it("shows every visible word of its sample and no hidden one", () => {
    const { pages, reasons } = readTree(tree);
    expect(reasons).toEqual([]);
    const shown = pages.map(({ passages }) => shownIn(passages)).join("\n");
    const wanted = new Set(tree.files.flatMap(({ bytes }) => bytes.toString().match(SEEN) ?? []));
    expect(wanted.size).toBeGreaterThanOrEqual(LEAST_WORDS);
    for (const word of wanted) expect(shown).toContain(word.toLowerCase());
    expect(shown.match(new RegExp(HIDDEN, "gi")) ?? []).toEqual([]);
  });

  it("keeps every line number, and every word on a line of its passage", () => {
    for (const { page, passages } of readTree(tree).pages) {
      const source = textOf(tree, page.path).split("\n");
      expect(page.body.split("\n")).toHaveLength(source.length - page.offset);
      for (const [at, line] of source.entries())
        for (const word of line.match(SEEN) ?? [])
          expect(standsOn(passages, word.toLowerCase(), at + 1), `${word} on line ${at + 1} of ${page.path}`).toBe(
            true,
          );
      for (const { lines } of passages) expect(lines[1] - lines[0]).toBeLessThan(MAX_LINES);
    }
  });

  it("creates the same addresses and anchors as its generator", () => {
    const { pages, site } = readTree(tree);
    const { page, sections } = pages.find(({ page: { path } }) => path === tree.expected.page)!;
    expect(site.urlOf(page)).toBe(tree.expected.url);
    expect(sections.map(({ anchor }) => anchor)).toEqual(tree.expected.anchors);
  });

  it("resolves links to pages and their sections", () => {
    const { links } = readTree(tree);
    expect(links.map((link) => [link.anchor, link.targetPage, link.targetHeading])).toEqual(tree.expected.links);
    for (const { sentence, anchor } of links) expect(sentence).toContain(anchor);
  });
}

function describeBroken(name: string): void {
  let tree: SampleTree;
  let lines: string[];
  beforeAll(async () => {
    tree = await openSample(name);
    lines = textOf(tree).split("\n");
  });

  it("swallows nothing if a page breaks off, whatever is open", () => {
    const { page } = readOf(tree, textOf(tree));
    for (let end = page.offset + 1; end < lines.length; end++) {
      const text = lines.slice(0, end).join("\n");
      const read = readAs(tree, { path: tree.expected.page, bytes: Buffer.from(text) });
      if (refusedWhole(tree, read)) continue;
      const shown = shownIn(made(read).passages);
      for (const word of text.match(SEEN) ?? [])
        expect(shown, `${word}, cut below line ${end}`).toContain(word.toLowerCase());
    }
  });

  it("reads its lines in any order, and keeps their number", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 40 }), (mixed) => {
        const text = ["text", ...mixed].join("\n");
        const read = readAs(tree, { path: tree.expected.page, bytes: Buffer.from(text) });
        if (refusedWhole(tree, read)) return;
        const { page } = made(read);
        expect(page.body.split("\n")).toHaveLength(mixed.length + 1);
      }),
      { numRuns: 100 },
    );
  });
}

function describeHostile(name: string): void {
  let tree: SampleTree;
  let lines: string[];
  beforeAll(async () => {
    tree = await openSample(name);
    lines = [...new Set(textOf(tree).split("\n"))].filter((line) => line.trim() !== "");
  });

  it("takes linear time if one of its lines is repeated many times", () => {
    const language = languageOf(tree.expected.page);
    for (const line of lines)
      for (const piece of [line, `${line}\n`]) {
        const text = `text\n\n${piece.repeat(LONG / piece.length)}`;
        expect(
          processorMs(() => language.read(text)),
          line,
        ).toBeLessThan(1000);
      }
  });

  it("reads long or deeply nested lines, or returns the reason not to", () => {
    const long = lines.map((line) => line.repeat(TIMES));
    const deep = lines.map((line) => `${"> ".repeat(DEEP)}${line}`);
    const tooDeep = `${"> ".repeat(DEEP)}${"- ".repeat(DEEP)}x`;
    for (const text of [long.join("\n"), deep.join("\n"), deep.join("\n\n"), tooDeep]) {
      const read = readAs(tree, { path: tree.expected.page, bytes: Buffer.from(`text\n\n${text}\n`) });
      if ("reason" in read) expect(read.reason).not.toContain("takes more than");
      else expect(read.passages).not.toEqual([]);
    }
  });

  it("refuses non-text bytes with a reason, and throws on no front matter", () => {
    const text = textOf(tree);
    const as = (bytes: Buffer) => readAs(tree, { path: tree.expected.page, bytes });
    expect(as(Buffer.from(`${text}\0`))).toMatchObject({ reason: expect.stringContaining("NUL") });
    expect(as(Buffer.concat([Buffer.from(text), Buffer.from([0xff])]))).toHaveProperty("reason");
    expect(as(Buffer.from(`${text}${"x".repeat(HUGE)}\n`))).toHaveProperty("reason");
    for (const front of [
      "---\ntitle: [a\n",
      "---\na: &a [*a]\n---\n",
      "+++\ntitle =\n",
      "---\n- x\n---\n",
      "---toml\n",
      "",
    ])
      for (const body of [text, ""]) expect(() => as(Buffer.from(front + body))).not.toThrow();
  });
}

function textOf(tree: SampleTree, path = tree.expected.page): string {
  return tree.files.find((file) => file.path === path)!.bytes.toString();
}

/** Reads the sample's page with another text. Throws if it cannot be read. */
function readOf(tree: SampleTree, text: string): ReadPage {
  return made(readAs(tree, { path: tree.expected.page, bytes: Buffer.from(text) }));
}

function made(read: ReturnType<typeof readAs>): ReadPage {
  if ("reason" in read) throw new Error(read.reason);
  return read;
}

/** True if a broken page of an encoded format is refused: nothing of it is shown, and ingest reports the reason. */
function refusedWhole(tree: SampleTree, read: ReturnType<typeof readAs>): boolean {
  return languageOf(tree.expected.page).encoded === true && "reason" in read;
}

function shownIn(passages: ReadPage["passages"]): string {
  return passages
    .flatMap(({ heading, text }) => [...heading, text])
    .join("\n")
    .toLowerCase();
}

/** True if a word of a line is in the text of a passage on that line, or in the trail of one below it. */
function standsOn(passages: ReadPage["passages"], word: string, line: number): boolean {
  const holders = passages.filter(({ text }) => text.toLowerCase().includes(word));
  if (holders.length > 0) return holders.some(({ lines: [first, last] }) => first <= line && line <= last);
  return passages.some(({ heading, lines }) => line < lines[0] && heading.join("\n").toLowerCase().includes(word));
}
