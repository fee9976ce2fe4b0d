import { widthOf, wrap } from "./wrap.ts";

const GAP = "  ";
/** No column is made narrower than this, or than its longest word, for a table that does not fit. */
const NARROWEST = 12;

const isNumber = (cell: string) => /^[-+]?\d[\d.,]*( [\p{L}%]+)?$|^n\/a$/u.test(cell);

/**
 * Formats a table. Columns are as wide as their widest cell, and numbers are right-aligned. If that exceeds `columns`, the
 * widest columns become narrower and their cells are folded at words.
 */
export function table(header: string[], rows: string[][], columns = Number.POSITIVE_INFINITY): string {
  const columnsOf = header.map((title, at) => [title, ...rows.map((row) => row[at] ?? "")]);
  const widths = fitted(columnsOf, columns);
  const lines = (row: string[]) => rowLines(row, widths);
  return [...lines(header), widths.map((width) => "-".repeat(width)).join(GAP), ...rows.flatMap(lines)].join("\n");
}

function fitted(cells: readonly string[][], columns: number): number[] {
  const widths = cells.map((own) => Math.max(...own.map(widthOf)));
  const least = cells.map((own, at) => {
    // A word that is too long for the last column moves no other.
    const words = at === cells.length - 1 ? [] : own.flatMap((cell) => cell.split(/\s+/));
    return Math.max(NARROWEST, ...words.map(widthOf));
  });
  const total = () => widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1));
  while (total() > columns) {
    const spare = widths.map((width, at) => (width > least[at]! ? width : 0));
    const widest = spare.indexOf(Math.max(...spare));
    if (spare[widest] === 0) break;
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
