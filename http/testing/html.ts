import { type DefaultTreeAdapterTypes, parse, defaultTreeAdapter as tree } from "parse5";

type Element = DefaultTreeAdapterTypes.Element;
type Node = DefaultTreeAdapterTypes.Node;

/** An element of a page, as a test reads it. */
export interface Found {
  tag: string;
  attributes: Record<string, string>;
  /** Its text with single spaces. */
  text: string;
}

/** The elements of a page with this tag, `*` for any, and this class if one is given, in order. */
export function elements(html: string, tag: string, className?: string): Found[] {
  const found = [...walk(parse(html))].filter(({ tagName }) => tag === "*" || tagName === tag).map(described);
  const classes = ({ attributes }: Found) => (attributes.class ?? "").split(" ");
  return className === undefined ? found : found.filter((each) => classes(each).includes(className));
}

/** The value of the first field with this name; undefined without one. */
export function field(html: string, name: string): string | undefined {
  return elements(html, "input").find(({ attributes }) => attributes.name === name)?.attributes.value;
}

function* walk(node: Node): Generator<Element> {
  if (tree.isElementNode(node)) yield node;
  if ("childNodes" in node) for (const child of node.childNodes) yield* walk(child);
}

function described(element: Element): Found {
  const attributes = Object.fromEntries(element.attrs.map(({ name, value }) => [name, value]));
  return { tag: element.tagName, attributes, text: textOf(element).replace(/\s+/g, " ").trim() };
}

function textOf(node: Node): string {
  if (tree.isTextNode(node)) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}
