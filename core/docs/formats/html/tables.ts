import type { Element } from "hast";
import type { State } from "hast-util-to-mdast";
import type { PhrasingContent, RootContent, TableRow } from "mdast";
import { spanOf, spreadCells } from "../spans.ts";
import { attributeOf, classesOf, descendants, elementsIn } from "./tree.ts";

const BLOCKS = new Set("pre table ul ol dl blockquote h1 h2 h3 h4 h5 h6".split(" "));
/** Doxygen's table with one declaration. */
const SIGNATURE = "memname";

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

/** Rows with a cell for each column. */
function spreadRows(state: State, rows: Element[]): Row[] {
  const given = rows.map((row) =>
    elementsIn(row).map((cell) => ({
      children: phrasingOf(state.all(cell)),
      rowSpan: spanOf(cell.properties.rowSpan),
      colSpan: spanOf(cell.properties.colSpan),
    })),
  );
  return spreadCells(given).map((children, i) => {
    const element = rows[i]!;
    const { position } = element;
    return { row: { type: "tableRow", children, ...(position && { position }) }, isHeader: isHeaderRow(element) };
  });
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
