import { type TableRow, tableRows } from "../docs/text/tables.ts";
import { textUnits } from "../docs/text/textUnits.ts";

/** A quotable piece of a passage: `text` is `passage.slice(start, end)`. */
export interface Quotable {
  kind: "sentence" | "code" | "row";
  text: string;
  start: number;
  end: number;
  /** The piece with its context: the row with its header's names, the code with the sentence before it. */
  about: string;
  /** True for an item of a list. */
  isItem: boolean;
  row: TableRow | null;
}

const ITEM_LEAD = /(?:^|\n)\s*(?:[-*+•]|\d{1,3}[.)])\s+$/;
const MAX_CODE_READ = 400;

/** Sentences, code blocks and table rows of a passage, in order. Table headers are not quotable on their own. */
export function quotablesOf(passage: string): Quotable[] {
  const rows = tableRows(passage);
  const inRow = (start: number, end: number) => rows.some((row) => start < row.end && row.start < end);
  const texts = textUnits(passage).filter((unit) => !inRow(unit.start, unit.end));
  const units: Quotable[] = texts.map((unit) => ({
    ...unit,
    about: unit.text.replace(/\s+/g, " "),
    isItem: unit.kind === "sentence" && ITEM_LEAD.test(passage.slice(Math.max(0, unit.start - 12), unit.start)),
    row: null,
  }));
  for (const row of rows) {
    if (row.isHeader || row.cells.every((cell) => cell === "")) continue;
    const { start, end } = row;
    const about = [...(row.header ?? []), ...row.cells].join(" ");
    units.push({ kind: "row", text: passage.slice(start, end), start, end, about, isItem: false, row });
  }
  units.sort((a, b) => a.start - b.start);
  for (const [at, unit] of units.entries()) if (unit.kind === "code") unit.about = aboutCode(unit, units[at - 1]);
  return units;
}

function aboutCode(code: Quotable, before: Quotable | undefined): string {
  const introduction = before?.kind === "sentence" ? `${before.about} ` : "";
  return `${introduction}${code.text.slice(0, MAX_CODE_READ).replace(/\s+/g, " ")}`;
}
