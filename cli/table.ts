import { widthOf, wrap } from "./wrap.ts";

const GAP = "  ";
/** No column is made narrower than this for a table that does not fit. */
const NARROWEST = 12;

const isNumber = (cell: string) => /^[-+]?\d[\d.,]*( [\p{L}%]+)?$|^n\/a$/u.test(cell);

/**
 * Formats a table. Columns are as wide as their widest cell, and numbers are right-aligned. If that exceeds `columns`, the
 * widest columns become narrower and their cells are folded at words.
 */
export function table(header: string[], rows: string[][], columns = Number.POSITIVE_INFINITY): string {
  const widths = fitted(
    header.map((title, at) => Math.max(...[title, ...rows.map((row) => row[at] ?? "")].map(widthOf))),
    columns,
  );
  const lines = (row: string[]) => rowLines(row, widths);
  return [...lines(header), widths.map((width) => "-".repeat(width)).join(GAP), ...rows.flatMap(lines)].join("\n");
}

function fitted(natural: number[], columns: number): number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
  while (total() > columns) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= NARROWEST) break;
    widths[widest]!--;
  }
  return widths;
}

function rowLines(row: string[], widths: number[]): string[] {
  const cells = widths.map((width, at) => wrap(row[at] ?? "", width).split("\n"));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((folded, at) => {
        const cell = folded[line] ?? "";
        const blank = " ".repeat(Math.max(0, widths[at]! - widthOf(cell)));
        return isNumber(row[at] ?? "") ? blank + cell : cell + blank;
      })
      .join(GAP)
      .trimEnd(),
  );
}
