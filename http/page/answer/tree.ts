import type { Element, ElementContent, Root, RootContent, Text } from "hast";
import { type Schema, sanitize } from "hast-util-sanitize";
import type { Nodes as Markdown } from "mdast";
import { toHast } from "mdast-util-to-hast";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { highlighted } from "./highlight.ts";

/** What an answer may contain. No pictures: their addresses would tell another server what was asked. */
const SCHEMA: Schema = {
  tagNames: [
    ...["p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "a"],
    ...["ul", "ol", "li", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"],
  ],
  attributes: { a: ["href"], code: [["className", /^language-[\w+-]{1,30}$/]], ol: ["start"] },
  protocols: { href: ["http", "https"] },
  strip: [],
};

/** A heading of an answer stands below those of the page. */
const HEADING_SHIFT = 2;
const LOWEST_HEADING = 6;
/** `[1]` cites the first passage; `[?]` marks what no passage supports. */
const MARKER = /\[(\d{1,3}|\?)\]/g;

const markdown = unified().use(remarkParse).use(remarkGfm);

/**
 * An answer's Markdown as a tree that is safe to show: known elements only, links by http(s) only, HTML as text, no
 * pictures. Citations are elements `a.cite` with the number in `data-cite`, doubts are `mark.doubt`.
 */
export function answerTree(text: string): Root {
  const parsed = plain(markdown.parse(text) as Markdown);
  const clean = sanitize(toHast(parsed), SCHEMA) as Root;
  return { type: "root", children: clean.children.map((node) => marked(node) as RootContent) };
}

/** Without what could change the meaning of a citation's number, or load a picture. */
function plain(node: Markdown): Markdown {
  if (node.type === "html") return { type: "text", value: node.value };
  if (node.type === "image" || node.type === "imageReference") return { type: "text", value: node.alt ?? "" };
  if (node.type === "footnoteReference") return { type: "text", value: `[^${node.identifier}]` };
  if (node.type === "heading")
    return {
      ...node,
      depth: Math.min(node.depth + HEADING_SHIFT, LOWEST_HEADING),
      children: node.children.map(plain),
    } as Markdown;
  if (!("children" in node)) return node;
  const kept = node.children.filter(({ type }) => type !== "definition" && type !== "footnoteDefinition");
  return { ...node, children: kept.map(plain) } as Markdown;
}

function marked(node: RootContent | ElementContent, inLink = false): RootContent | ElementContent {
  // Positions in the source are left out: they would be most of the tree.
  if (node.type !== "element") return { type: "text", value: node.type === "text" ? node.value : "" };
  if (node.tagName === "code") return highlighted(node);
  const { tagName, properties } = node;
  // A citation is a link, and no link stands in another one.
  const children = node.children.flatMap((child) =>
    child.type === "text" ? withMarkers(child, inLink || tagName === "a") : [marked(child, inLink || tagName === "a")],
  );
  return { type: "element", tagName, properties, children: children as ElementContent[] };
}

function withMarkers({ value }: Text, inLink: boolean): ElementContent[] {
  const nodes: ElementContent[] = [];
  let at = 0;
  for (const { 0: marker, 1: number, index } of value.matchAll(MARKER)) {
    if (index > at) nodes.push({ type: "text", value: value.slice(at, index) });
    if (number === "?") nodes.push(doubt());
    else nodes.push(inLink ? { type: "text", value: marker } : citation(number!));
    at = index + marker.length;
  }
  if (at < value.length) nodes.push({ type: "text", value: value.slice(at) });
  return nodes;
}

function citation(number: string): Element {
  return { type: "element", tagName: "a", properties: { className: ["cite"], dataCite: number }, children: [] };
}

function doubt(): Element {
  const properties = { className: ["doubt"], title: "No cited passage supports this" };
  return { type: "element", tagName: "mark", properties, children: [{ type: "text", value: "[?]" }] };
}
