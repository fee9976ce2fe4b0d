import type { Element } from "hast";
import { spaced } from "../../text/spacing.ts";
import { keepPermalinks } from "./anchors.ts";
import { excess, longestWord } from "./limits.ts";
import { lengthOf, removeNoise } from "./noise.ts";
import { attributeOf, classesOf, descendants, elementsIn, isElement, textContent, treeOf } from "./tree.ts";

/** What a page states about itself, and the elements that hold its text, without noise. */
export interface HtmlPage {
  /** Its first heading of the first level, otherwise `stated`. */
  title: string;
  /** The title of the document, which a browser shows outside the page. */
  stated: string;
  description: string;
  /** Published address, without a fragment; "" for none. */
  canonical: string;
  contents: Element[];
}

/** Containers in which generators put the text alone. A page may have several, such as one for each class. */
const CONTAINERS = new Set(
  "vp-doc theme-doc-markdown md-content__inner bd-article markdown-body td-content book-article devsite-article-body".split(
    " ",
  ),
);
/** Least share of the characters of a page's main part that an article holds if it is the page's text. */
const LEAST_SHARE = 0.5;
const NEEDS_SCRIPT =
  /enable\s+java\s?script|requires?\s+java\s?script|without\s+java\s?script|java\s?script\s+(?:is\s+)?(?:required|disabled|enabled)/i;
/** Elements that scripts fill. */
const FILLED = new Set("root app __next __nuxt ___gatsby docusaurus swagger-ui redoc".split(" "));
const PRINTS = /setTimeout\(\s*window\.print/;
const MAX_TITLE = 300;

/** Reads a built page. Returns null for one that leads to others or repeats them, or the reason if its text cannot be had. */
export function pageOf(html: string): HtmlPage | { reason: string } | null {
  const tree = treeOf(html);
  if ("reason" in tree) return tree;
  const elements = [...descendants(tree)];
  const named = (tag: string) => elements.filter(({ tagName }) => tagName === tag);
  if (named("meta").some((meta) => /^refresh$/i.test(attributeOf(meta, "httpEquiv")) && leads(meta))) return null;
  const [body] = named("body");
  if (!body || elements.some(isService) || attributeOf(body, "className").includes("sidebar-iframe")) return null;
  const problem = problemOf(elements);
  keepPermalinks(body);
  const words = longestWord(body);
  removeNoise(body);
  const contents = contentsOf(body);
  const reason = excess(contents, words);
  if (reason !== null) return { reason };
  if (problem !== null && contents.every((content) => !/[\p{L}\p{N}]/u.test(textContent(content))))
    return { reason: problem };
  const heading = contents.flatMap((content) => [...descendants(content)]).find(({ tagName }) => tagName === "h1");
  const stated = named("title").map((title) => spaced(textContent(title)).slice(0, MAX_TITLE))[0] ?? "";
  return {
    title: (heading ? spaced(textContent(heading)) : "") || stated,
    stated,
    description: metaOf(elements, "description"),
    canonical: canonicalOf(elements),
    contents,
  };
}

/** True for a refresh that opens another page. */
function leads(meta: Element): boolean {
  return /url\s*=/i.test(attributeOf(meta, "content"));
}

/** A script of Sphinx's search page, or of mdBook's page that repeats the whole book for printing. */
function isService(element: Element): boolean {
  if (element.tagName !== "script") return false;
  return /(?:^|\/)searchtools\.js/.test(attributeOf(element, "src")) || PRINTS.test(textContent(element));
}

function metaOf(elements: Element[], name: string): string {
  const found = elements.find((meta) => meta.tagName === "meta" && attributeOf(meta, "name").toLowerCase() === name);
  return found ? spaced(attributeOf(found, "content")) : "";
}

function canonicalOf(elements: Element[]): string {
  const link = elements.find(
    (each) => each.tagName === "link" && attributeOf(each, "rel").toLowerCase().split(/\s+/).includes("canonical"),
  );
  const href = link
    ? attributeOf(link, "href")
        .trim()
        .replace(/[?#].*$/, "")
    : "";
  return /^https?:\/\/[^\s/<>"\\]+\/[^\s<>"\\]*$/i.test(href) ? href : "";
}

/** Why a page may show no text, to be reported if it does not; null for none. */
function problemOf(elements: Element[]): string | null {
  const ids = elements.map((element) => attributeOf(element, "id"));
  if (ids.some((id) => /^staticrypt/i.test(id))) return "is encrypted: give the pages before they are encrypted";
  const says = elements.some((element) => element.tagName === "noscript" && NEEDS_SCRIPT.test(textContent(element)));
  const scripted = elements.some(({ tagName }) => tagName === "script") && ids.some((id) => FILLED.has(id));
  return says || scripted
    ? "shows no text without JavaScript: build the site as static pages, or give its sources"
    : null;
}

/** The elements that hold a page's text, in order. */
function contentsOf(body: Element): Element[] {
  const mains = outermost(body, (element) => element.tagName === "main" || attributeOf(element, "role") === "main");
  const shown = mains.filter((main) => lengthOf(main) > 0);
  return (shown.length > 0 ? shown : [withoutFrame(body)]).flatMap(narrowed);
}

/** The generator's own container, or the one article, if it holds the title and most of the text. */
function narrowed(main: Element): Element[] {
  const titles = headingsIn(main).length;
  const least = lengthOf(main) * LEAST_SHARE;
  const holds = (parts: Element[]) =>
    parts.flatMap(headingsIn).length === titles && parts.reduce((sum, part) => sum + lengthOf(part), 0) >= least;
  const containers = outermost(main, isContainer);
  if (containers.length > 0 && holds(containers)) return containers;
  const articles = outermost(main, ({ tagName }) => tagName === "article");
  return articles.length === 1 && holds(articles) ? articles : [main];
}

function isContainer(element: Element): boolean {
  const classes = classesOf(element);
  if (element.tagName === "article" && classes.includes("doc")) return true;
  if (element.tagName === "div" && classes.includes("body")) return true;
  return classes.some((name) => CONTAINERS.has(name));
}

function headingsIn(element: Element): Element[] {
  return [...descendants(element)].filter(({ tagName }) => tagName === "h1");
}

/** A body that marks no main part: without the site's header, unless it holds the title. */
function withoutFrame(body: Element): Element {
  const children = body.children.filter(
    (child) => !isElement(child) || child.tagName !== "header" || headingsIn(child).length > 0,
  );
  return { ...body, children };
}

/** The elements below `node` that pass the test, without those inside another that does. */
function outermost(node: Element, test: (element: Element) => boolean): Element[] {
  return elementsIn(node).flatMap((child) => (test(child) ? [child] : outermost(child, test)));
}
