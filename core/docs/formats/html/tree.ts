import type { Element, ElementContent, Root, RootContent } from "hast";
import { fromParse5 } from "hast-util-from-parse5";
import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse } from "parse5";
import { VFile } from "vfile";

/** Far more than any page written for readers has. The parser's time grows with size times depth. */
const MAX_DEPTH = 500;
const MAX_NODES = 1_000_000;
/** Elements that XML may close in their own tag, and HTML may not. */
const SELF_CLOSED =
  /<(a|abbr|b|code|dd|div|dt|em|i|iframe|li|p|script|section|small|span|strong|td|th|title|tt)((?:\s[^<>]*)?)\/>/g;

type Node = DefaultTreeAdapterTypes.Node;
export type HtmlNode = RootContent | ElementContent;

/** Thrown by the guarded parser; `treeOf` returns its message. */
class Excessive extends Error {}

/** Parses a page as a browser does, with positions. Broken markup is repaired; excessive markup is the reason. */
export function treeOf(html: string): Root | { reason: string } {
  const source = html.startsWith("<?xml") ? html.replace(SELF_CLOSED, "<$1$2></$1>") : html;
  try {
    const tree = parse(source, { sourceCodeLocationInfo: true, treeAdapter: guardedAdapter() });
    return fromParse5(tree, { file: new VFile(source) }) as Root;
  } catch (error) {
    if (error instanceof Excessive) return { reason: error.message };
    throw error;
  }
}

/** Builds the usual tree, and stops where it becomes too deep or too large. */
function guardedAdapter(): typeof defaultTreeAdapter {
  const depths = new WeakMap<Node, number>();
  let nodes = 0;
  const placed = (parent: Node, node: Node) => {
    const depth = (depths.get(parent) ?? 0) + 1;
    if (depth > MAX_DEPTH) throw new Excessive(`is nested deeper than ${MAX_DEPTH} levels`);
    depths.set(node, depth);
    if ("content" in node) depths.set(node.content, depth);
  };
  const counted = () => {
    if (++nodes > MAX_NODES) throw new Excessive(`has more than ${MAX_NODES} elements and texts`);
  };
  const { appendChild, insertBefore, createElement, insertText, insertTextBefore } = defaultTreeAdapter;
  return {
    ...defaultTreeAdapter,
    createElement: (...args) => {
      counted();
      return createElement(...args);
    },
    appendChild: (parent, node) => {
      placed(parent, node);
      appendChild(parent, node);
    },
    insertBefore: (parent, node, before) => {
      placed(parent, node);
      insertBefore(parent, node, before);
    },
    insertText: (parent, text) => {
      counted();
      insertText(parent, text);
    },
    insertTextBefore: (parent, text, before) => {
      counted();
      insertTextBefore(parent, text, before);
    },
  };
}

export function isElement(node: HtmlNode | Root | undefined): node is Element {
  return node?.type === "element";
}

/** The elements among a node's children. */
export function elementsIn(node: Element | Root): Element[] {
  return (node.children as HtmlNode[]).filter(isElement);
}

/** All elements below a node, in document order. */
export function* descendants(node: Element | Root): Generator<Element> {
  const left = elementsIn(node).reverse();
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    yield next;
    for (const child of elementsIn(next).reverse()) left.push(child);
  }
}

export function classesOf({ properties }: Element): string[] {
  return Array.isArray(properties.className) ? properties.className.map(String) : [];
}

/** An attribute's value; "" for none. Names are those of hast: `ariaHidden`, `id`. */
export function attributeOf({ properties }: Element, name: string): string {
  const value = properties[name];
  if (value === true) return name;
  return value === undefined || value === null || value === false
    ? ""
    : Array.isArray(value)
      ? value.join(" ")
      : String(value);
}

/** The text below a node, unspaced, as the DOM's `textContent` gives it. */
export function textContent(node: HtmlNode | Root): string {
  const parts: string[] = [];
  const visit = (inner: HtmlNode | Root) => {
    if (inner.type === "text") parts.push(inner.value);
    else if ("children" in inner) for (const child of inner.children) visit(child);
  };
  visit(node);
  return parts.join("");
}
