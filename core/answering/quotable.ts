import { type TableRow, tableRows } from "../docs/text/tables.ts";
import { textUnits } from "../docs/text/textUnits.ts";
import { codeWindow } from "./codeWindow.ts";

/** A quotable piece of a passage: `text` is `passage.slice(start, end)`. */
export interface Quotable {
  kind: "sentence" | "code" | "row";
  text: string;
  start: number;
  end: number;
  /** The piece with its context: the row with its header's names, the code with the sentence before it. */
  about: string;
  /** True for each sentence of a list item. */
  isItem: boolean;
  /** True for a sentence that begins a line. */
  opensLine: boolean;
  row: TableRow | null;
  /** Sides on which lines of the code block are left out. */
  cut: { before: boolean; after: boolean };
}

const ITEM_LEAD = /(?:^|\n)\s*(?:[-*+•]|\d{1,3}[.)])\s+$/;
const MAX_CODE_READ = 400;
const WHOLE = { before: false, after: false };
const ENDED = /[.!?:…。][)"'”’\]`*_]*$/;
const LABEL_WORDS = 8;
const LABEL_LINES = 3;

/**
 * Sentences, code blocks and table rows of a passage, in order. Table headers are not quotable on their own. Of a long
 * code block only the lines around those with the terms are.
 */
export function quotablesOf(passage: string, terms: ReadonlySet<string> = new Set()): Quotable[] {
  const rows = tableRows(passage);
  const inRow = (start: number, end: number) => rows.some((row) => start < row.end && row.start < end);
  const texts = textUnits(passage).filter((unit) => !inRow(unit.start, unit.end));
  const units: Quotable[] = texts.map((unit) => ({
    ...unit,
    ...(unit.kind === "code" ? windowOf(unit.text, unit.start, terms) : { cut: WHOLE }),
    about: unit.text.replace(/\s+/g, " "),
    isItem: unit.kind === "sentence" && ITEM_LEAD.test(passage.slice(Math.max(0, unit.start - 12), unit.start)),
    opensLine: true,
    row: null,
  }));
  for (const [at, unit] of units.entries()) continueLine(passage, units[at - 1], unit);
  for (const row of rows) {
    if (row.isHeader || row.cells.every((cell) => cell === "")) continue;
    const { start, end } = row;
    const about = [...(row.header ?? []), ...row.cells].join(" ");
    const text = passage.slice(start, end);
    units.push({ kind: "row", text, start, end, about, isItem: false, opensLine: true, row, cut: WHOLE });
  }
  units.sort((a, b) => a.start - b.start);
  for (const [at, unit] of units.entries()) {
    if (unit.kind === "code") unit.about = aboutCode(unit, units[at - 1]);
    else if (unit.kind === "sentence") unit.about = [...labelsAbove(units, at), unit.about].join(": ");
  }
  return units;
}

/** True if the sentence is complete: it ends in a stop or colon. */
export function isEnded({ text }: Quotable): boolean {
  return ENDED.test(text);
}

/** True for a sentence that the following list, rows or code completes: it ends in a colon, or without a stop. */
export function introduces(unit: Quotable, next: Quotable | undefined): boolean {
  if (unit.kind !== "sentence") return false;
  if (unit.text.endsWith(":")) return true;
  if (next === undefined || isEnded(unit) || unit.isItem) return false;
  return next.kind !== "sentence" || (next.isItem && next.opensLine);
}

/** Number of short lines without a stop right above unit `at`, such as the option that a sentence describes. */
export function labelLines(units: readonly Quotable[], at: number): number {
  const unit = units[at]!;
  if (unit.kind !== "sentence" || unit.isItem || !unit.opensLine || isLabel(unit)) return 0;
  let count = 0;
  while (count < LABEL_LINES && isLabel(units[at - count - 1])) count++;
  return count;
}

function isLabel(unit: Quotable | undefined): boolean {
  if (unit?.kind !== "sentence" || unit.isItem || !unit.opensLine || isEnded(unit)) return false;
  return unit.text.split(/\s+/).length <= LABEL_WORDS;
}

function labelsAbove(units: readonly Quotable[], at: number): string[] {
  return units.slice(at - labelLines(units, at), at).map(({ text }) => text.replace(/\s+/g, " "));
}

function continueLine(passage: string, before: Quotable | undefined, unit: Quotable): void {
  if (before?.kind !== "sentence" || unit.kind !== "sentence") return;
  if (passage.slice(before.end, unit.start).includes("\n")) return;
  unit.opensLine = false;
  unit.isItem = before.isItem;
}

function windowOf(text: string, start: number, terms: ReadonlySet<string>) {
  const lines = text.split("\n");
  const { first, last } = codeWindow(lines, terms);
  const from = start + lines.slice(0, first).reduce((sum, line) => sum + line.length + 1, 0);
  const kept = lines.slice(first, last + 1).join("\n");
  const cut = { before: first > 0, after: last < lines.length - 1 };
  return { text: kept, start: from, end: from + kept.length, cut };
}

function aboutCode(code: Quotable, before: Quotable | undefined): string {
  const introduction = before?.kind === "sentence" && !code.cut.before ? `${before.about} ` : "";
  return `${introduction}${code.text.slice(0, MAX_CODE_READ).replace(/\s+/g, " ")}`;
}
