import type { Link, List, ListItem, Nodes, PhrasingContent, RootContent, Table } from "mdast";
import { htmlText } from "./html.ts";

/** A piece of a section that is kept whole where it fits: a paragraph, a code block, a list item, a table row. */
export interface Unit {
  kind: "prose" | "code" | "row";
  text: string;
  lines: [number, number];
  links: UnitLink[];
  /** Header row of the table, repeated where the table is split. */
  header?: string;
}

export interface UnitLink {
  /** Words of the link as a reader sees them. */
  anchor: string;
  url: string;
}

/** The units of a block. Positions are lines of the parsed text, 1-based. */
export function unitsOf(node: RootContent): Unit[] {
  switch (node.type) {
    case "code": {
      const fence = /^ {0,3}```/m.test(node.value) ? "~~~~" : "```";
      return [unit("code", node, `${fence}${node.lang ?? ""}\n${node.value}\n${fence}`)];
    }
    case "list":
      return listUnits(node, "");
    case "table":
      return tableUnits(node);
    case "blockquote":
    case "footnoteDefinition":
      return node.children.flatMap(unitsOf);
    case "html":
      return htmlText(node.value)
        .split(/\n(?=\S)/)
        .filter(Boolean)
        .map((text) => unit(text.includes(" | ") ? "row" : "prose", node, text));
    case "thematicBreak":
    case "definition":
    case "yaml":
      return [];
    default: {
      const text = inline(node);
      return text === "" ? [] : [unit("prose", node, text, linksIn(node))];
    }
  }
}

function unit(kind: Unit["kind"], node: Nodes, text: string, links: UnitLink[] = []): Unit {
  return { kind, text, lines: [node.position?.start.line ?? 1, node.position?.end.line ?? 1], links };
}

function listUnits(list: List, indent: string): Unit[] {
  return list.children.flatMap((item, i) =>
    itemUnits(item, indent, list.ordered ? `${(list.start ?? 1) + i}. ` : "- "),
  );
}

/** An item's first paragraph carries the bullet; what else it holds follows as units of their own. */
function itemUnits(item: ListItem, indent: string, bullet: string): Unit[] {
  const box = item.checked === true ? "[x] " : item.checked === false ? "[ ] " : "";
  const units: Unit[] = [];
  for (const child of item.children) {
    if (child.type === "list") units.push(...listUnits(child, `${indent}  `));
    else units.push(...unitsOf(child));
  }
  const [first] = units;
  if (first?.kind === "prose" && item.children[0]?.type === "paragraph")
    first.text = `${indent}${bullet}${box}${first.text}`;
  return units;
}

function tableUnits(table: Table): Unit[] {
  const [head, ...rows] = table.children;
  const line = (row: Table["children"][number]) => row.children.map((cell) => inline(cell)).join(" | ");
  const header = head ? line(head) : "";
  const units = head ? [unit("row", head, header, linksIn(head))] : [];
  for (const row of rows) units.push({ ...unit("row", row, line(row), linksIn(row)), header });
  return units.filter(({ text }) => text.replace(/[\s|]/g, "") !== "");
}

/** What a reader sees of inline content: no markup, alternative text of images, line breaks as spaces. */
export function inline(node: Nodes): string {
  return collect(node).replace(/\s+/g, " ").trim();
}

function collect(node: Nodes): string {
  if (node.type === "text" || node.type === "inlineCode") return node.value;
  if (node.type === "html") return inlineHtml(node.value);
  if (node.type === "break") return " ";
  if (node.type === "image" || node.type === "imageReference") return node.alt ?? "";
  if ("children" in node) return node.children.map(collect).join("");
  return "";
}

/** Inline tags come one by one: a tag is no text, its inside follows as text nodes. */
function inlineHtml(value: string): string {
  return /^<(br|\/p|\/li|\/td)\b/i.test(value) ? " " : "";
}

function linksIn(node: Nodes): UnitLink[] {
  if (node.type === "link") return [{ anchor: inline(node), url: (node as Link).url }];
  if (!("children" in node)) return [];
  return (node.children as (PhrasingContent | RootContent)[]).flatMap((child) => linksIn(child as Nodes));
}
