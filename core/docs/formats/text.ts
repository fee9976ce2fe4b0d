import type { Heading, Paragraph, Root, RootContent } from "mdast";
import type { Format } from "./format.ts";
import { codeAt } from "./placed.ts";

const UNDERLINE = /^(=+|-+|~+|\^+|\*+|#+)\s*$/;
const MAX_TITLE = 100;
/** Columns by which code is indented more than the text around it. */
const INDENT = 3;
/** Columns: two words or more, separated by at least three blanks, or lines of a drawing. */
const COLUMNS = /\S {3,}\S|\t\S|[|+][-=]{2,}[|+]|^\s*\|.*\|\s*$/;
const ITEM = /^\s*(?:[-*+o]|\d{1,3}[.)])\s+\S/;
/** Files with a fixed name that programs or lawyers read. */
const NO_DOCS =
  /^(?:licen[cs]e|copying|copyright|notice|patents)\b|^(?:robots|humans|llms|llms-full|ads|security|constraints|cmakelists|manifest|version|authors|contributors)\.|(?:^|[-_.])requirements?\b/i;

/** Plain text: paragraphs, underlined titles, and indented or aligned lines kept as code. */
export const text: Format = {
  name: "text",
  language: {
    extensions: ["txt", "text"],
    fragments: false,
    companion: (name) => !NO_DOCS.test(name),
    read: (body) => ({ data: { title: titleOf(body) }, body, offset: 0 }),
    parse: parseText,
  },
  // Served as the file it is.
  fixedAddress: ({ path }) => (/\.te?xt$/i.test(path) ? path : null),
};

/** The first line if it is underlined; "" for none. */
function titleOf(body: string): string {
  const lines = body.split("\n");
  const first = lines.findIndex((line) => line.trim() !== "" && !UNDERLINE.test(line));
  return first >= 0 && isTitle(lines, first) ? lines[first]!.trim() : "";
}

function parseText(body: string): Root {
  const lines = body.split("\n");
  const margin = marginOf(lines);
  const levels: string[] = [];
  const children: RootContent[] = [];
  for (let at = 0; at < lines.length; ) {
    if (isTitle(lines, at)) {
      const mark = `${UNDERLINE.test(lines[at - 1] ?? "") ? "over" : "under"} ${lines[at + 1]![0]}`;
      if (!levels.includes(mark)) levels.push(mark);
      children.push(headingAt(lines, at, levels.indexOf(mark) + 1));
      at += 2;
    } else if (lines[at]!.trim() === "" || UNDERLINE.test(lines[at]!)) at += 1;
    else {
      const end = endOf(lines, at, (line) => line.trim() !== "");
      const codeEnd = codeEndOf(lines, at, end, margin);
      const blocks = codeEnd > at ? codeBlock(lines, at, codeEnd) : paragraphs(lines, at, end);
      for (const block of blocks) children.push(block);
      at = Math.max(end, codeEnd);
    }
  }
  return { type: "root", children };
}

/** An unindented line of text over a line of one mark that is about as long, with nothing else above. */
function isTitle(lines: readonly string[], at: number): boolean {
  const [above = "", title = "", marks = ""] = [lines[at - 1], lines[at], lines[at + 1]];
  if ((above.trim() !== "" && !UNDERLINE.test(above)) || !/^\S.*/.test(title) || !/[\p{L}\p{N}]/u.test(title))
    return false;
  const length = title.trim().length;
  return length <= MAX_TITLE && UNDERLINE.test(marks) && Math.abs(marks.trim().length - length) <= 2;
}

/** The indentation of most lines of text, as in an RFC; 0 if no indentation has the majority. */
function marginOf(lines: readonly string[]): number {
  const counts = new Map<number, number>();
  const shown = lines.filter((line) => line.trim() !== "");
  for (const line of shown) counts.set(indentOf(line), (counts.get(indentOf(line)) ?? 0) + 1);
  for (const [indent, count] of counts) if (count * 2 > shown.length) return indent;
  return 0;
}

function indentOf(line: string): number {
  return /^[ \t]*/.exec(line)![0].replaceAll("\t", " ".repeat(4)).length;
}

function endOf(lines: readonly string[], at: number, holds: (line: string) => boolean): number {
  let end = at;
  while (end < lines.length && holds(lines[end]!)) end += 1;
  return end;
}

/** End of the code that starts at `at`, blank lines between its blocks included; `at` if the block there is text. */
function codeEndOf(lines: readonly string[], at: number, end: number, margin: number): number {
  const isIndented = (line: string) => indentOf(line) >= margin + INDENT;
  const block = lines.slice(at, end);
  const aligned = block.filter((line) => COLUMNS.test(line)).length;
  if (block.length > 1 && aligned * 2 >= block.length) return end;
  if (!block.every(isIndented) || ITEM.test(lines[at]!)) return at;
  let last = end;
  for (let next = end; next < lines.length; next++) {
    if (lines[next]!.trim() === "") continue;
    if (!isIndented(lines[next]!) || ITEM.test(lines[next]!)) break;
    last = next + 1;
  }
  return last;
}

function codeBlock(lines: readonly string[], at: number, end: number): RootContent[] {
  const block = lines.slice(at, end);
  const shared = Math.min(...block.filter((line) => line.trim() !== "").map((line) => /^[ \t]*/.exec(line)![0].length));
  return codeAt(
    block.map((line, i) => ({ text: line.slice(shared), line: at + i + 1 })),
    "",
  );
}

/** The paragraphs of a block: each item of a list is one. */
function paragraphs(lines: readonly string[], at: number, end: number): Paragraph[] {
  const found: Paragraph[] = [];
  for (let first = at; first < end; ) {
    const next = Math.min(
      end,
      endOf(lines, first + 1, (line) => line.trim() !== "" && !ITEM.test(line)),
    );
    const position = placed(first, next - 1);
    const value = lines.slice(first, next).join("\n").trim();
    found.push({ type: "paragraph", children: [{ type: "text", value, position }], position });
    first = next;
  }
  return found;
}

function headingAt(lines: readonly string[], at: number, level: number): Heading {
  const position = placed(at, at + 1);
  const depth = Math.min(6, level) as Heading["depth"];
  return { type: "heading", depth, children: [{ type: "text", value: lines[at]!.trim(), position }], position };
}

/** Position of the lines from index `first` to index `last`. */
function placed(first: number, last: number) {
  return { start: { line: first + 1, column: 1 }, end: { line: last + 1, column: 1 } };
}
