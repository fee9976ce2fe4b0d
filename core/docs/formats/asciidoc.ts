import type { Root, RootContent } from "mdast";
import { fileAddress } from "../addresses.ts";
import { type FrontMatter, splitFrontMatter } from "../frontMatter.ts";
import { inline } from "../units.ts";
import { antoraAddress, componentOf } from "./asciidoc/antora.ts";
import { headerOf } from "./asciidoc/attributes.ts";
import { treeOf } from "./asciidoc/blocks.ts";
import { openBody } from "./asciidoc/body.ts";
import { Asciidoctor, NotConverted } from "./asciidoc/engine.ts";
import { ASCIIDOC } from "./asciidoc/includes.ts";
import { isPart, readPart } from "./asciidoc/parts.ts";
import { markPlaces } from "./asciidoc/places.ts";
import { DocsTree } from "./asciidoc/tree.ts";
import type { Format } from "./format.ts";
import { codeAt } from "./placed.ts";

const MAX_HEADINGS = 5_000;
/** Same for every page, whatever it sets. Text whose attribute is missing stays, and nothing depends on the day. */
const FIXED: Record<string, string | null> = {
  "attribute-missing": "skip",
  outfilesuffix: ".adoc",
  experimental: "@",
  "source-highlighter": null,
  icons: null,
  toc: null,
  docinfo: null,
  "data-uri": null,
  ...Object.fromEntries(
    ["doc", "local"]
      .flatMap((of) => ["date", "time", "datetime", "year"].map((unit) => of + unit))
      .map((name) => [name, `{${name}}`]),
  ),
};

const asciidoctor = new Asciidoctor();

/** AsciiDoc, alone or in an Antora tree. Asciidoctor converts a page to HTML, whose blocks carry their lines. */
export const asciidoc: Format = {
  name: "asciidoc",
  language: { extensions: ["adoc", "asciidoc", "ad"], read, parse },
  parts: { isPart, read: readPart, among: (pages) => new DocsTree(pages).parts() },
  settled: (pages, isOwn) => {
    const tree = new DocsTree(pages);
    return pages.map((page) => (isOwn(page) ? { ...page, title: tree.titleOf(page) } : page));
  },
  expander: (pages) => {
    const tree = new DocsTree(pages);
    return (_body, { page, missing }) => tree.expanded(page, () => missing("include"));
  },
  configFiles: ["antora.yml"],
  publishing: {
    detect: ({ pages, generator }) =>
      generator === "asciidoc" || (generator === null && pages.some(({ path }) => ASCIIDOC.test(path))),
    address(page, pageAt) {
      if (!ASCIIDOC.test(page.path)) return fileAddress(page);
      const [base] = /^(?:.*?\/)?(?=modules\/)/.exec(page.path) ?? [""];
      const description = pageAt(`${base}antora.yml`);
      const component = description ? (componentOf(description) ?? undefined) : undefined;
      return antoraAddress(page.path, component) ?? page.path.replace(ASCIIDOC, ".html");
    },
  },
};

function read(text: string): FrontMatter | { reason: string } {
  const front = splitFrontMatter(text);
  if ("reason" in front) return front;
  const lines = front.body.split("\n");
  if (lines.filter((line) => /^[=#]{1,6}[ \t]/.test(line)).length > MAX_HEADINGS)
    return { reason: `has more than ${MAX_HEADINGS} headings` };
  const { title } = headerOf(lines);
  return { ...front, data: { ...(title !== "" && { title }), ...front.data } };
}

function parse(body: string): Root {
  const { lines, pageLines, attributes, targets, title } = openBody(body);
  const pageLine = (line: number) => pageLines[Math.min(line, pageLines.length) - 1] ?? 1;
  try {
    const converted = asciidoctor.convert(lines, { ...attributes, ...FIXED }, (doc) => markPlaces(doc, lines));
    const root = treeOf(converted.html, targets, pageLine);
    return { type: "root", children: [...titleBlocks(converted.title, title), ...root.children] };
  } catch (error) {
    if (!(error instanceof NotConverted)) throw error;
    const placed = lines.map((text, at) => ({ text, line: pageLine(at + 1) }));
    return { type: "root", children: codeAt(placed, "asciidoc") };
  }
}

/** The title as Asciidoctor shows it, if the page's own lacks something of it. */
function titleBlocks(html: string, title: string): RootContent[] {
  if (html === "" || title === "") return [];
  const { children } = treeOf(html, {}, () => 1);
  return children.some((node) => inline(node) !== title) ? children : [];
}
