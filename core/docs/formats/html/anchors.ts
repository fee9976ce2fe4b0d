import type { Element, Root } from "hast";
import { percentDecoded } from "../../../base/percentDecoded.ts";
import { isPermalink } from "./noise.ts";
import { attributeOf, classesOf, descendants, type HtmlNode, isElement } from "./tree.ts";

const HEADING = /^h[1-6]$/;
/** Elements around a page's text, whose ids are no section's. */
const FRAMES = new Set("html body main article".split(" "));
const MAX_BEFORE = 20;
const FRAME_IDS = new Set(
  "content main main-content root app docContent doc-content page wrapper container".split(" "),
);

/** Writes the address of a heading's permanent link, which is noise to readers, into its data. Call before removal. */
export function keepPermalinks(body: Element): void {
  for (const element of descendants(body)) {
    if (!takesAnchor(element)) continue;
    const link = [...descendants(element)].find((inner) => isPermalink(inner));
    const fragment = /^#(.+)/.exec(link ? attributeOf(link, "href") : "")?.[1];
    if (fragment !== undefined) element.properties.dataAnchor = percentDecoded(fragment);
  }
}

/**
 * Writes the anchor of each heading and term into its data: its permanent link, its own id, one inside it, or one that
 * stands before it without text between, that of a section around it first.
 */
export function markAnchors(root: Root): void {
  let before: Element[] = [];
  const visit = (node: HtmlNode | Root, open: readonly Element[]) => {
    if (node.type === "text" && node.value.trim() !== "") before = [];
    if (!("children" in node)) return;
    if (isElement(node)) {
      if (takesAnchor(node)) node.properties.dataAnchor ||= anchorOf(node, before, open);
      if (idOf(node) !== "") before = [...before.slice(-MAX_BEFORE), node];
    }
    const inside = isElement(node) ? [...open, node] : open;
    for (const child of node.children as HtmlNode[]) visit(child, inside);
  };
  visit(root, []);
}

function anchorOf(element: Element, before: Element[], open: readonly Element[]): string {
  // An id inside a term marks an entry of an index.
  if (element.tagName === "dt") return idOf(element);
  const own = idOf(element) || [...descendants(element)].map(idOf).find(Boolean);
  if (own) return own;
  const around = open.filter(
    (each) => before.includes(each) && !FRAMES.has(each.tagName) && !FRAME_IDS.has(idOf(each)),
  );
  const beside = before.filter((each) => !open.includes(each));
  return idOf(around.at(-1) ?? beside.at(-1) ?? element);
}

function takesAnchor({ tagName }: Element): boolean {
  return HEADING.test(tagName) || tagName === "dt";
}

function idOf(element: Element): string {
  return attributeOf(element, "id") || (element.tagName === "a" ? attributeOf(element, "name") : "");
}

/** True for a term that has an address. Numbers of footnotes are none. */
export function isSection(term: Element, list: Element): boolean {
  if (attributeOf(term, "dataAnchor") === "") return false;
  return ![...classesOf(list), ...classesOf(term)].some((name) => /footnote|citation/.test(name));
}
