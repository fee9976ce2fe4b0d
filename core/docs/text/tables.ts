import { closesFence, fenceOf, maskedSpans } from "./code.ts";

/** A row of a table in a passage: `passage.slice(start, end)` is its line. */
export interface TableRow {
  start: number;
  end: number;
  cells: string[];
  /** Cells of the table's header, if it has one. */
  header: string[] | null;
  isHeader: boolean;
}

const ROW = /\S \|(?: |$)|^ ?\| /;
const BAR = / \|(?= |$)|^\|(?= )/g;
/** A list item with a bar, such as a pipe between two commands. */
const LIST_ITEM = /^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?!\|)/;
/** A header cell is a few words and not a flag, path, value or sentence. */
const HEADER_CELL = /^(?!.*[.;:]$)(?![-/<"'`$\d])[\p{L}\p{N}][^|]{0,40}$/u;
const HEADER_WORDS = 5;

/**
 * The rows of a passage's tables, in order. Ingest writes a row on one line with bars between cells, but a bar can also
 * be a pipe. So a lone line is a table only if it starts with a bar. A row with more cells than its header is one cell.
 * Bars in brackets or code spans separate nothing.
 */
export function tableRows(passage: string): TableRow[] {
  const rows: TableRow[] = [];
  let table: TableRow[] = [];
  let fence: string | null = null;
  let start = 0;
  const close = () => {
    rows.push(...withHeader(table));
    table = [];
  };
  for (const line of passage.split("\n")) {
    const end = start + line.length;
    const opened = fenceOf(line);
    const cells = fence === null && opened === null ? cellsOf(line, table.length > 0) : null;
    if (fence === null) fence = opened;
    else if (closesFence(line, fence)) fence = null;
    const isWider = cells !== null && table[0] !== undefined && withoutEmptyEnd(cells).length > table[0].cells.length;
    const isPiped = isWider && isHeader(table[0]!.cells) && !isHeader(cells);
    if (cells === null || (isWider && !isPiped)) close();
    if (cells !== null)
      table.push({ start, end, cells: isPiped ? [line.trim()] : cells, header: null, isHeader: false });
    start = end + 1;
  }
  close();
  return rows;
}

/** A row as text: the first value leads, and values carry the name of their column. */
export function readableRow({ cells, header }: TableRow): string {
  const [first = "", ...rest] = cells;
  const values = rest.flatMap((value, at) => {
    if (value === "") return [];
    const name = header?.[at + 1] ?? "";
    return [name === "" || rest.length === 1 ? value : `${name}: ${value}`];
  });
  const name = header?.[0] ?? "";
  const lead = name !== "" && rest.length > 1 ? `${name}: ${first}` : first;
  if (first === "") return values.join("; ");
  return values.length === 0 ? lead : `${lead}${rest.length > 1 ? "; " : ": "}${values.join("; ")}`;
}

/** The cells of a line, or null if it is not a row. */
function cellsOf(line: string, inTable: boolean): string[] | null {
  if (!ROW.test(line) || (!inTable && LIST_ITEM.test(line))) return null;
  const cells = joinedInBrackets(partsOf(line));
  return cells.length > 1 ? cells.map((cell) => cell.trim()) : null;
}

function partsOf(line: string): string[] {
  const parts: string[] = [];
  let at = 0;
  for (const { index, 0: bar } of maskedSpans(line).matchAll(BAR)) {
    parts.push(line.slice(at, index));
    at = index + bar.length;
  }
  return [...parts, line.slice(at)];
}

/** Joins parts between matching brackets into one cell: "(-f FILE | NAME)". Unclosed brackets join nothing. */
function joinedInBrackets(parts: string[]): string[] {
  const cells: string[] = [];
  let depth = 0;
  for (const part of parts) {
    if (depth > 0) cells.push(`${cells.pop()} |${part}`);
    else cells.push(part);
    for (const [bracket] of part.matchAll(/[([{}\])]/g))
      depth = Math.max(0, depth + ("([{".includes(bracket) ? 1 : -1));
  }
  return depth > 0 ? parts : cells;
}

/**
 * The first row becomes the header of those below if it reads like one. A lone line with words before its bar is not a
 * header.
 */
function withHeader(table: TableRow[]): TableRow[] {
  const [first, ...more] = table.map((row) => ({ ...row, cells: withoutEmptyEnd(row.cells) }));
  if (first === undefined || (more.length === 0 && first.cells[0] !== "")) return [];
  if (more.length === 0 || !isHeader(first.cells)) return [first, ...more];
  return [first, ...more].map((row) => ({ ...row, header: first.cells, isHeader: row === first }));
}

function withoutEmptyEnd(cells: string[]): string[] {
  return cells.length > 1 && cells.at(-1) === "" ? cells.slice(0, -1) : cells;
}

function isHeader(cells: string[]): boolean {
  return cells.every((cell) => cell === "" || (HEADER_CELL.test(cell) && cell.split(/\s+/).length <= HEADER_WORDS));
}
