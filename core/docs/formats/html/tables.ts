import type { Element } from "hast";
import type { State } from "hast-util-to-mdast";
import type { PhrasingContent, RootContent, TableCell, TableRow } from "mdast";
import { inline } from "../../units.ts";
import { attributeOf, classesOf, descendants, elementsIn } from "./tree.ts";

const BLOCKS = new Set("pre table ul ol dl blockquote h1 h2 h3 h4 h5 h6".split(" "));
/** A value repeated in each row that its cell spans is at most this long. */
const MAX_REPEATED = 60;
/** Doxygen's table with one declaration. */
const SIGNATURE = "memname";
const MAX_SPAN = 20;

interface Row {
  row: TableRow;
  isHeader: boolean;
}

/** The rows of a table below its caption, or the blocks in it if it only arranges them. */
export function tableBlocks(state: State, table: Element): RootContent[] {
  const rows = rowsOf(table);
  const caption = elementsIn(table).filter(({ tagName }) => tagName === "caption");
  const above = caption.flatMap((each) => state.toFlow(state.all(each)));
  if (classesOf(table).includes(SIGNATURE)) return state.toFlow(phrasingOf(rows.flatMap((row) => state.all(row))));
  if (isLayout(table, rows))
    return [...above, ...rows.flatMap((row) => elementsIn(row).flatMap((cell) => state.toFlow(state.all(cell))))];
  return [...above, ...tablesOf(spreadRows(state, rows))];
}

/** Rows above the header are a table of their own, because a table's first row names its columns. */
function tablesOf(rows: Row[]): RootContent[] {
  const header = rows.findIndex(({ isHeader }) => isHeader);
  const without = (part: Row[]): RootContent[] =>
    part.length === 0
      ? []
      : [{ type: "table", children: [{ type: "tableRow", children: [] }, ...part.map(({ row }) => row)] }];
  if (header < 0) return without(rows);
  return [...without(rows.slice(0, header)), { type: "table", children: rows.slice(header).map(({ row }) => row) }];
}

function rowsOf(table: Element): Element[] {
  return elementsIn(table).flatMap((child) =>
    child.tagName === "tr" ? [child] : /^t(?:head|body|foot)$/.test(child.tagName) ? elementsIn(child) : [],
  );
}

/** True for a table of one column, of one row with blocks in it, or marked as no table of data. */
function isLayout(table: Element, rows: Element[]): boolean {
  if (/^(?:presentation|none)$/.test(attributeOf(table, "role"))) return true;
  const cells = rows.map(elementsIn);
  if (cells.every((row) => row.length <= 1)) return true;
  if (classesOf(table).includes("highlighttable")) return true;
  const isData = cells.flat().some(({ tagName }) => tagName === "th");
  return rows.length === 1 && !isData && [...descendants(table)].some(({ tagName }) => BLOCKS.has(tagName));
}

/** Rows with a cell for each column. Short cells that span rows are repeated in each. */
function spreadRows(state: State, rows: Element[]): Row[] {
  const spanning = new Map<number, { left: number; text: string }>();
  return rows.map((element) => {
    const cells: TableCell[] = [];
    const fill = () => {
      for (let over = spanning.get(cells.length); over && over.left > 0; over = spanning.get(cells.length)) {
        over.left -= 1;
        cells.push({ type: "tableCell", children: over.text === "" ? [] : [{ type: "text", value: over.text }] });
      }
    };
    for (const cell of elementsIn(element)) {
      fill();
      const children = phrasingOf(state.all(cell));
      const made: TableCell = { type: "tableCell", children };
      const down = span(cell, "rowSpan");
      const text = down > 1 ? inline(made) : "";
      if (down > 1) spanning.set(cells.length, { left: down - 1, text: text.length <= MAX_REPEATED ? text : "" });
      cells.push(made);
      for (let i = 1; i < Math.min(MAX_SPAN, span(cell, "colSpan")); i++)
        cells.push({ type: "tableCell", children: [] });
    }
    fill();
    const row: TableRow = {
      type: "tableRow",
      children: cells,
      ...(element.position && { position: element.position }),
    };
    return { row, isHeader: isHeaderRow(element) };
  });
}

function span(cell: Element, name: "rowSpan" | "colSpan"): number {
  const value = Number(cell.properties[name]);
  return Number.isInteger(value) && value > 1 ? value : 1;
}

/** A row of several cells that are all headers. */
function isHeaderRow(row: Element): boolean {
  const cells = elementsIn(row);
  return cells.length > 1 && cells.every(({ tagName }) => tagName === "th");
}

/** Any content on one line: words of separate blocks stay apart. */
export function phrasingOf(nodes: readonly RootContent[]): PhrasingContent[] {
  return nodes.flatMap((node): PhrasingContent[] => {
    switch (node.type) {
      case "text":
      case "link":
      case "image":
      case "inlineCode":
        return [node];
      case "break":
      case "thematicBreak":
        return [{ type: "text", value: " " }];
      case "code":
        return [
          space(),
          { type: "text", value: node.value, ...(node.position && { position: node.position }) },
          space(),
        ];
      default:
        return "children" in node ? [space(), ...phrasingOf(node.children), space()] : [];
    }
  });
}

function space(): PhrasingContent {
  return { type: "text", value: " " };
}
