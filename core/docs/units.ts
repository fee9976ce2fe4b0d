import type { Code, List, ListItem, Nodes, RootContent, Table } from "mdast";
import { htmlLines, markOf, separatesWords } from "./html.ts";
import { spaced } from "./text/spacing.ts";

/** A piece of a section, kept whole if it fits: a paragraph, a code block, a list item, a table row. */
export interface Unit {
  kind: "prose" | "code" | "row";
  text: string;
  lines: [number, number];
  links: UnitLink[];
  /** Header row of the table, repeated if the table is split. */
  header?: string;
}

export interface UnitLink {
  /** The link's text as readers see it. */
  anchor: string;
  url: string;
}

/** Addresses of a page's reference links, `[label]: url`, by label. */
export type Definitions = ReadonlyMap<string, string>;

const MAX_LANGUAGE = 30;
/** HTML tags and comments. Other text in angle brackets, such as `<pod-name>`, is a placeholder. */
const MARKUP =
  /^<(?:[!?]|\/?(?:a|abbr|address|area|article|aside|audio|b|base|bdi|bdo|big|blockquote|body|br|button|canvas|caption|center|cite|code|col|colgroup|data|dd|del|details|dfn|dialog|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|main|map|mark|meta|nav|noscript|object|ol|optgroup|option|output|p|param|picture|pre|progress|q|rp|rt|ruby|s|samp|script|section|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr)(?![\w-]))/i;

/** The units of a block. Positions are lines of the parsed text, 1-based. */
export function unitsOf(node: RootContent, definitions: Definitions): Unit[] {
  switch (node.type) {
    case "code":
      return codeUnits(node);
    case "list":
      return listUnits(node, "", definitions);
    case "table":
      return tableUnits(node, definitions);
    case "blockquote":
    case "footnoteDefinition":
      return node.children.flatMap((child) => unitsOf(child, definitions));
    case "html":
      return htmlUnits(node.value, node);
    case "thematicBreak":
    case "definition":
    case "yaml":
      return [];
    default: {
      const text = inline(node);
      return text === "" ? [] : [unit("prose", node, text, linksIn(node, definitions))];
    }
  }
}

function unit(kind: Unit["kind"], node: Nodes, text: string, links: UnitLink[] = []): Unit {
  return { kind, text, lines: [node.position?.start.line ?? 1, node.position?.end.line ?? 1], links };
}

/** The title above code, which formats put after the language, then the code. */
function codeUnits(node: Code): Unit[] {
  const title = node.meta ? `${node.meta.replace(/:$/, "")}:` : "";
  const first = node.position?.start.line ?? 1;
  const label: Unit[] = title === "" ? [] : [{ kind: "prose", text: title, lines: [first, first], links: [] }];
  return [...label, unit("code", node, fenced(node.lang ?? "", node.value))];
}

/** Code in a fence longer than any fence inside it. */
function fenced(language: string, code: string): string {
  const held = Math.max(2, ...[...code.matchAll(/^ {0,3}(`{3,})/gm)].map((match) => match[1]!.length));
  const fence = "`".repeat(held + 1);
  return `${fence}${language.slice(0, MAX_LANGUAGE)}\n${code}\n${fence}`;
}

function htmlUnits(html: string, node: Nodes): Unit[] {
  // A block that starts with an unknown tag is text with placeholders, such as `<name>.example.com`.
  if (/^\s*<[A-Za-z]/.test(html) && !MARKUP.test(html.trimStart())) {
    const text = spaced(html);
    return [unit("prose", node, text)];
  }
  const above = (node.position?.start.line ?? 1) - 1;
  return htmlLines(html).map(({ lines, ...line }) => ({ ...line, lines: [lines[0] + above, lines[1] + above] }));
}

function listUnits(list: List, indent: string, definitions: Definitions): Unit[] {
  return list.children.flatMap((item, i) =>
    itemUnits(item, indent, list.ordered ? `${(list.start ?? 1) + i}. ` : "- ", definitions),
  );
}

/** An item's first paragraph carries the bullet; its other content follows as separate units. */
function itemUnits(item: ListItem, indent: string, bullet: string, definitions: Definitions): Unit[] {
  const box = item.checked === true ? "[x] " : item.checked === false ? "[ ] " : "";
  const units: Unit[] = [];
  for (const child of item.children) {
    if (child.type === "list") units.push(...listUnits(child, `${indent}  `, definitions));
    else units.push(...unitsOf(child, definitions));
  }
  const [first] = units;
  if (first?.kind === "prose" && item.children[0]?.type === "paragraph")
    first.text = `${indent}${bullet}${box}${first.text}`;
  return units;
}

function tableUnits(table: Table, definitions: Definitions): Unit[] {
  const [head, ...rows] = table.children;
  const line = (row: Table["children"][number]) => row.children.map((cell) => inline(cell)).join(" | ");
  const header = head ? line(head) : "";
  const units = head ? [unit("row", head, header, linksIn(head, definitions))] : [];
  for (const row of rows) units.push({ ...unit("row", row, line(row), linksIn(row, definitions)), header });
  return units.filter(({ text }) => text.replace(/[\s|]/g, "") !== "");
}

/** Inline content as readers see it: no markup, alternative text of images, line breaks as spaces. */
export function inline(node: Nodes): string {
  return spaced(collect(node));
}

function collect(node: Nodes): string {
  if (node.type === "text" || node.type === "inlineCode") return node.value;
  if (node.type === "html") return inlineHtml(node.value);
  if (node.type === "break") return " ";
  if (node.type === "image" || node.type === "imageReference") return node.alt ?? "";
  if ("children" in node) return node.children.map(collect).join("");
  return "";
}

/** Drops known inline tags. Each arrives separately; its content follows as text nodes. */
function inlineHtml(value: string): string {
  if (!MARKUP.test(value)) return value.startsWith("</") ? "" : value;
  if (/^<img\b/i.test(value)) return htmlLines(value)[0]?.text ?? "";
  return separatesWords(value) ? " " : markOf(value);
}

/** Links of a block in reading order, reference links resolved. */
export function linksIn(node: Nodes, definitions: Definitions): UnitLink[] {
  if (node.type === "link") return [{ anchor: inline(node), url: node.url }];
  if (node.type === "linkReference") {
    const url = definitions.get(node.identifier);
    return url === undefined ? [] : [{ anchor: inline(node), url }];
  }
  if (node.type === "text") return bareAddresses(node.value);
  if (!("children" in node)) return [];
  return node.children.flatMap((child) => linksIn(child, definitions));
}

/** Addresses in text without markup. Punctuation after an address is not part of it. */
function bareAddresses(text: string): UnitLink[] {
  if (!text.includes("://")) return [];
  const addresses = text.match(/https?:\/\/[^\s<>]+/g) ?? [];
  return addresses.map((address) => {
    const trimmed = address.replace(/[?!.,:;*_~'")]+$/, "");
    return { anchor: trimmed, url: trimmed };
  });
}
