import type { PhrasingContent, TableCell } from "mdast";
import { inline } from "../units.ts";

/** A cell and the rows and columns that it covers. */
export interface SpanningCell {
  children: PhrasingContent[];
  rowSpan: number;
  colSpan: number;
}

/** A value repeated in each row that its cell spans is at most this long. */
const MAX_REPEATED = 60;
const MAX_COLUMNS = 20;

/** Rows with a cell for each column. Short cells that span rows are repeated in the first column of each. */
export function spreadCells(rows: readonly (readonly SpanningCell[])[]): TableCell[][] {
  const spanning = new Map<number, { left: number; text: string }>();
  return rows.map((row) => {
    const cells: TableCell[] = [];
    const fill = () => {
      for (let over = spanning.get(cells.length); over && over.left > 0; over = spanning.get(cells.length)) {
        over.left -= 1;
        cells.push({ type: "tableCell", children: over.text === "" ? [] : [{ type: "text", value: over.text }] });
      }
    };
    for (const { children, rowSpan, colSpan } of row) {
      fill();
      const cell: TableCell = { type: "tableCell", children };
      const text = rowSpan > 1 ? inline(cell) : "";
      const repeated = text.length <= MAX_REPEATED ? text : "";
      for (let i = 0; i < Math.min(MAX_COLUMNS, colSpan); i++) {
        if (rowSpan > 1) spanning.set(cells.length, { left: rowSpan - 1, text: i === 0 ? repeated : "" });
        cells.push(i === 0 ? cell : { type: "tableCell", children: [] });
      }
    }
    fill();
    return cells;
  });
}

/** The value of an attribute `rowspan` or `colspan`. */
export function spanOf(value: unknown): number {
  const span = Number(value);
  return Number.isInteger(span) && span > 1 ? span : 1;
}
