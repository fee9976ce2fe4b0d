import type { ElementContent, Root, RootContent } from "hast";
import { type ComponentChild, h } from "preact";
import { Scroll } from "../layout/scroll.tsx";

/** Makes the link of the citation with this number. */
export type Cite = (number: number) => ComponentChild;

/**
 * A tree of `answerTree` as nodes. In the browser it came over the network, so anything but elements of a fixed list and
 * text is left out here too.
 */
export function Nodes({ tree, cite }: { tree: Root; cite: Cite }) {
  return <>{tree.children.map((node) => nodeOf(node, cite))}</>;
}

const TAGS: ReadonlySet<string> = new Set(
  "p br hr strong em del code pre blockquote a ul ol li h3 h4 h5 h6 table thead tbody tr th td span mark".split(" "),
);

function nodeOf(node: RootContent | ElementContent, cite: Cite): ComponentChild {
  if (node.type === "text") return node.value;
  if (node.type !== "element" || !TAGS.has(node.tagName)) return null;
  const { className, href, title, start, dataCite } = node.properties;
  if (dataCite !== undefined) return cite(Number(dataCite));
  const properties = {
    class: Array.isArray(className) ? className.join(" ") : undefined,
    title: typeof title === "string" ? title : undefined,
    start: typeof start === "number" ? start : undefined,
    // Wide code scrolls, also by the keyboard.
    tabIndex: node.tagName === "pre" ? 0 : undefined,
    ...(node.tagName === "a" ? linkTo(String(href ?? "")) : {}),
  };
  const children = node.children.map((child) => nodeOf(child, cite));
  const element = h(node.tagName, properties, ...children);
  return node.tagName === "table" ? <Scroll label="Table">{element}</Scroll> : element;
}

/** Attributes of a link out of the page; none for an address that is not http(s). */
export function linkTo(url: string): { href?: string; rel?: string } {
  return isWebAddress(url) ? { href: url, rel: "noopener noreferrer nofollow" } : {};
}

/** True for an absolute http(s) address. */
export function isWebAddress(url: string): boolean {
  return /^https?:\/\/[^\s/]/i.test(url) && URL.canParse(url);
}

/** Words of a quote that a browser looks for in the page behind a link. */
const QUOTED_WORDS = 8;

/** The address of a quote in a page of the docs: browsers scroll to its first words and mark them. */
export function atQuote(url: string, quote: string): string {
  const words = quote.trim().split(/\s+/).slice(0, QUOTED_WORDS).join(" ");
  // Code reads differently on the page, where lines end.
  if (!/^[\p{L}\p{N} ,.;:'"()-]+$/u.test(words)) return url;
  const text = encodeURIComponent(words).replaceAll("-", "%2D");
  return `${url}${url.includes("#") ? "" : "#"}:~:text=${text}`;
}
