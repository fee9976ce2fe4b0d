/** A row of a table in a passage: `passage.slice(start, end)` is its line. */
export interface TableRow {
  start: number;
  end: number;
  cells: string[];
  /** Cells of the table's header, where it has one. */
  header: string[] | null;
  isHeader: boolean;
}

const ROW = /\S \|(?: |$)|^\| /;
const FENCE = /^\s*(```|~~~)/;
/** A header's cell is a few words, and no flag, path, value or sentence. */
const HEADER_CELL = /^(?!.*[.;:]$)(?![-/<"'`$\d])[\p{L}\p{N}][^|]{0,40}$/u;
const HEADER_WORDS = 5;

/** The rows of a passage's tables, in order. Ingest writes a row on one line, with bars between its cells. */
export function tableRows(passage: string): TableRow[] {
  const rows: TableRow[] = [];
  let table: TableRow[] = [];
  let fenced = false;
  let start = 0;
  const close = () => {
    rows.push(...withHeader(table));
    table = [];
  };
  for (const line of passage.split("\n")) {
    const end = start + line.length;
    if (FENCE.test(line)) fenced = !fenced;
    if (!fenced && ROW.test(line)) {
      const cells = cellsOf(line);
      if (cells.length > (table[0]?.cells.length ?? cells.length)) close();
      table.push({ start, end, cells, header: null, isHeader: false });
    } else close();
    start = end + 1;
  }
  close();
  return rows;
}

/** A row as a reader takes it in: each value with the name of its column, the first one leading. */
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

function cellsOf(line: string): string[] {
  const cells = line.split(/ \|(?= |$)|^\|(?= )/).map((cell) => cell.trim());
  return cells.length > 1 && cells.at(-1) === "" ? cells.slice(0, -1) : cells;
}

/** The first row is the header of those below it where it reads like one. */
function withHeader(table: TableRow[]): TableRow[] {
  const [first] = table;
  if (first === undefined || table.length < 2 || !first.cells.every(isHeaderCell)) return table;
  return table.map((row) => ({ ...row, header: first.cells, isHeader: row === first }));
}

function isHeaderCell(cell: string): boolean {
  return cell === "" || (HEADER_CELL.test(cell) && cell.split(/\s+/).length <= HEADER_WORDS);
}
