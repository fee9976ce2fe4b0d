import { closesFence, fenceOf, maskedSpans } from "./code.ts";
import { tableRows } from "./tables.ts";

/** A quotable piece of a passage. `text` is exactly `passage.slice(start, end)`. */
export interface TextUnit {
  kind: "sentence" | "code";
  text: string;
  start: number;
  end: number;
}

/** Full stops that do not end a sentence: abbreviations, initials, numbered items. */
const ABBREVIATION = /(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|incl|resp|no|fig|St|Mr|Dr|Inc)|^\s*\d{1,3}|\b[A-Z])\.$/;
const SENTENCE_END = /[.!?](?:["'”’)\]`*_]{0,3})(?=\s)/g;
const NEXT_BEGINS = /^\s+["'“‘([`*_]{0,3}[\p{Lu}\p{N}`$/-]/u;
/** Longest context before a full stop that can form an abbreviation. */
const LOOK_BACK = 12;
/** Marker of a list item at the start of a line, nested ones included. */
export const LIST_MARKER = /^\s*(?:(?:[-*+•]|\d{1,3}[.)])\s+)+/;
/** A line that continues the sentence of the line before. */
const GOES_ON = /^\s*[\p{Ll}("'`]/u;

interface Line {
  text: string;
  start: number;
}

/**
 * Splits a passage into sentences and code blocks, in order. A fenced block becomes one unit without the fences. List
 * items and table rows are separate sentences without their markers. A line break stays inside a sentence if the next
 * line continues in lower case.
 */
export function textUnits(passage: string): TextUnit[] {
  const units: TextUnit[] = [];
  let block: Line[] = [];
  let code: Line[] | null = null;
  let fence = "";
  const rowEdges = new Set(tableRows(passage).flatMap((row) => [row.start, row.end + 1]));
  const flush = () => {
    if (block.length > 0) units.push(...sentencesOf(passage, block));
    block = [];
  };
  for (const line of linesOf(passage)) {
    if (code !== null) {
      if (closesFence(line.text, fence)) {
        addCode(passage, code, units);
        code = null;
      } else code.push(line);
      continue;
    }
    const opened = fenceOf(line.text);
    if (opened !== null || line.text.trim() === "") flush();
    if (opened !== null) {
      fence = opened;
      code = [];
    } else if (line.text.trim() !== "") {
      const above = block.at(-1)?.text ?? "";
      if (!GOES_ON.test(line.text) || /[.!?:;]\s*$/.test(above) || rowEdges.has(line.start)) flush();
      block.push(line);
    }
  }
  flush();
  if (code !== null) addCode(passage, code, units);
  return units;
}

/** Sentences of plain prose, without positions. */
export function sentencesIn(text: string): string[] {
  return textUnits(text)
    .filter((unit) => unit.kind === "sentence")
    .map((unit) => unit.text.replace(/\s+/g, " "));
}

function linesOf(passage: string): Line[] {
  let start = 0;
  return passage.split("\n").map((text) => {
    const line = { text, start };
    start += text.length + 1;
    return line;
  });
}

function addCode(passage: string, lines: Line[], units: TextUnit[]): void {
  const last = lines.at(-1);
  if (last === undefined) return;
  addTrimmed("code", passage, lines[0]!.start, last.start + last.text.length, units);
}

function sentencesOf(passage: string, lines: Line[]): TextUnit[] {
  const units: TextUnit[] = [];
  const last = lines.at(-1)!;
  const first = lines[0]!;
  const end = last.start + last.text.length;
  const text = maskedSpans(passage.slice(first.start, end));
  let from = LIST_MARKER.exec(first.text)?.[0].length ?? 0;
  SENTENCE_END.lastIndex = from;
  for (let match = SENTENCE_END.exec(text); match !== null; match = SENTENCE_END.exec(text)) {
    const stop = match.index + match[0].length;
    if (
      ABBREVIATION.test(text.slice(Math.max(from, match.index - LOOK_BACK), match.index + 1)) ||
      !NEXT_BEGINS.test(text.slice(stop, stop + 12))
    )
      continue;
    addTrimmed("sentence", passage, first.start + from, first.start + stop, units);
    from = stop;
  }
  addTrimmed("sentence", passage, first.start + from, end, units);
  return units;
}

function addTrimmed(kind: TextUnit["kind"], passage: string, from: number, to: number, units: TextUnit[]): void {
  const raw = passage.slice(from, to);
  const text = kind === "code" ? raw.trimEnd() : raw.trim();
  if (text.trim() === "") return;
  const start = kind === "code" ? from : from + (raw.length - raw.trimStart().length);
  units.push({ kind, text, start, end: start + text.length });
}
