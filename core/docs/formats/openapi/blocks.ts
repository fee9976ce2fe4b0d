import type { Heading, Paragraph, PhrasingContent, RootContent, Table } from "mdast";
import { excess } from "../../decode.ts";
import { type Located, linesOf, type PlacedLine } from "../../text/located.ts";
import { spaced } from "../../text/spacing.ts";
import { unitsOf } from "../../units.ts";
import { codeAt, markdownAt } from "../placed.ts";

/** First and last line. */
export type Span = readonly [number, number];
export type Cell = string | PhrasingContent[];
export interface Row {
  cells: Cell[];
  lines: Span;
}

/** A line that Markdown shows as it is. Most descriptions are one, and the parser takes most of a large file's time. */
const NO_MARKUP = /^\p{L}[\p{L}\p{N} ,.;:'"()/%?$@-]*$/u;
const MAX_EXAMPLE_LINES = 60;
const MAX_EXAMPLE = 6_000;

/** Markdown may not have a heading here: the operation or schema is the section. */
export function blocksOf(lines: PlacedLine[]): RootContent[] {
  return markdownOf(lines).map((node) =>
    node.type === "heading" ? { type: "paragraph", children: node.children, position: node.position } : node,
  );
}

/** Blocks of Markdown, or its text if it nests too deeply for a parser. */
export function markdownOf(lines: PlacedLine[]): RootContent[] {
  const [only] = lines;
  if (!only) return [];
  if (lines.length === 1 && NO_MARKUP.test(only.text))
    return [paragraph(only.text.trimEnd(), [only.line, only.end ?? only.line])];
  const source = lines.map(({ text }) => text).join("\n");
  if (excess(source) === null) return markdownAt(lines);
  return lines.flatMap((line) =>
    line.text.trim() === "" ? [] : [paragraph(line.text, [line.line, line.end ?? line.line])],
  );
}

/** Markdown as the text of a cell, with its links. */
export function cellOf(lines: PlacedLine[]): PhrasingContent[] {
  return markdownOf(lines).flatMap((node, i): PhrasingContent[] => {
    const before: PhrasingContent[] = i === 0 ? [] : [{ type: "text", value: " " }];
    if (node.type === "paragraph" || node.type === "heading") return [...before, ...node.children];
    const texts = unitsOf(node, new Map()).map(({ kind, text }) => (kind === "code" ? withoutFence(text) : text));
    return [...before, { type: "text", value: texts.join(" ") }];
  });
}

function withoutFence(code: string): string {
  return code.split("\n").slice(1, -1).join("\n");
}

export function heading(depth: Heading["depth"], text: string, anchor: string, line: number): Heading {
  const value = `${spaced(text)} {#${anchor}}`;
  return { type: "heading", depth, children: [{ type: "text", value }], position: between([line, line]) };
}

/** A part of an anchor: as Redoc writes it, and with nothing that ends an anchor or an address. */
export function anchorPart(name: string): string {
  return encodeURIComponent(name.trim().replace(/\s+/g, "-")).replaceAll("%2F", "/");
}

export function paragraph(text: Cell, lines: Span): Paragraph {
  return { type: "paragraph", children: phrasing(text), position: between(lines) };
}

/** A label before blocks, in the first one if it is text. */
export function labelled(label: string, blocks: RootContent[], lines: Span): RootContent[] {
  const [first, ...rest] = blocks;
  if (first?.type !== "paragraph") return [paragraph(blocks.length > 0 ? `${label}:` : label, lines), ...blocks];
  const last = first.position?.end.line ?? lines[1];
  return [
    paragraph([{ type: "text", value: `${label}: ` }, ...first.children], [Math.min(lines[0], last), last]),
    ...rest,
  ];
}

/** A table; nothing without rows. */
export function table(header: string[], rows: Row[]): Table[] {
  const [first] = rows;
  if (!first) return [];
  const all = [{ cells: header, lines: [first.lines[0], first.lines[0]] as const }, ...rows];
  return [
    {
      type: "table",
      children: all.map(({ cells, lines }) => ({
        type: "tableRow",
        children: cells.map((cell) => ({ type: "tableCell", children: phrasing(cell) })),
        position: between(lines),
      })),
    },
  ];
}

/** Code under its title, shortened with a note. */
export function example(title: string, lines: PlacedLine[], language: string): RootContent[] {
  let room = MAX_EXAMPLE;
  const kept = lines.slice(0, MAX_EXAMPLE_LINES).filter(({ text }) => {
    room -= text.length;
    return room > 0;
  });
  const first = kept[0] ?? lines[0];
  if (!first) return [];
  if (kept.length === 0) kept.push({ ...first, text: first.text.slice(0, MAX_EXAMPLE) });
  if (kept.length < lines.length || room <= 0) kept.push({ text: "(example shortened)", line: kept.at(-1)!.line });
  return [paragraph(`${title}:`, [first.line, first.line]), ...codeAt(kept, language)];
}

/** Lines of a value as its file writes it, without their common indentation; on one line, JSON is laid out. */
export function writtenLines(value: Located, text: string): PlacedLine[] {
  if (typeof value.value === "string") return linesOf(value);
  const [first = "", ...rest] = text.slice(value.from, value.to).trimEnd().split("\n");
  if (rest.length === 0) return laidOut(first).map((line) => ({ text: line, line: value.line }));
  const indents = rest.filter((line) => line.trim() !== "").map((line) => /^ */.exec(line)![0].length);
  const shared = Math.min(...indents);
  return [first, ...rest.map((line) => line.slice(shared))].map((line, i) => ({ text: line, line: value.line + i }));
}

function laidOut(line: string): string[] {
  try {
    return JSON.stringify(JSON.parse(line), null, 2).split("\n");
  } catch {
    return [line];
  }
}

function phrasing(cell: Cell): PhrasingContent[] {
  return typeof cell === "string" ? [{ type: "text", value: cell }] : cell;
}

function between([first, last]: Span) {
  return { start: { line: first, column: 1 }, end: { line: Math.max(first, last), column: 1 } };
}
