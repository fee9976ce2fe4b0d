import type { AnchorStyle } from "../anchors.ts";
import type { Block, Dialect, MarkdownPage } from "./dialect.ts";
import type { Format } from "./format.ts";
import { colonsAt } from "./markdown/colons.ts";
import { columnOf } from "./markdown/containers.ts";
import { blockLabel } from "./markdown/labels.ts";

const BLOCK = /^(\s*)(?:!!!|\?\?\?\+?|===[!+]?) ?([\w-]+(?: [\w-]+)*)?\s*(?:"([^"]*)")?\s*$/;
const SLASHES = /^(\s*)\/{3,}(?:\s*([\w-]+)\s*(?:\|\s*(.*?))?)?\s*$/;
/** Dotted name of code that a plug-in documents. */
const DOTTED = /^[A-Za-z_]\w*(?:\.\w+)+$/;
/** Line that includes a file, in FastAPI's docs and in pymdownx. */
const INCLUDED = [/^\s*\{\*\s*(\S+).*\*\}\s*$/, /^\s*-{1,3}8<-{1,3}\s+"([^"]+)"\s*$/];
/** Names of icon sets that Material for MkDocs shows as pictures. */
const ICON = /:(?:material|octicons|fontawesome|simple|twemoji)-[a-z0-9-]+:/g;
const KEYS = /\+\+((?:"[^"]+"|[a-z0-9-]+)(?:\+(?:"[^"]+"|[a-z0-9-]+))*)\+\+/g;
const ATTRIBUTE = String.raw`(?:[.#][A-Za-z][\w-]*|[A-Za-z][\w-]*=(?:"[^"]*"|'[^']*'|[\w%.-]+))`;
const ATTRIBUTES = new RegExp(String.raw`(?<!\{)\{:?\s*(${ATTRIBUTE}(?:\s+${ATTRIBUTE})*)\s*\}(?!\})`, "g");

const PYTHON_MARKDOWN: AnchorStyle = {
  name: "python-markdown",
  slug: (heading) =>
    heading
      .normalize("NFKD")
      .replace(/[^\w\s-]/g, "")
      .trim()
      .toLowerCase()
      .replace(/[-\s]+/g, "-"),
  // If a heading ends with such a number, numbering continues from it.
  repeats(anchor) {
    const [, stem = anchor, number = "0"] = /^(.*)_(\d+)$/.exec(anchor) ?? [];
    return { before: `${stem}_`, first: Number(number) + 1 };
  },
};

/** MkDocs with the extensions of Python-Markdown, pymdownx and Material. */
export const mkdocs: Format = {
  name: "mkdocs",
  dialect: pythonMarkdown,
  configFiles: ["mkdocs.yml", "mkdocs.yaml"],
  publishing: { detect: ({ generator }) => generator === "mkdocs", anchors: PYTHON_MARKDOWN },
};

function pythonMarkdown(page: MarkdownPage): Dialect {
  // `///` lines are comments in some languages. They are blocks only if one of them is closed.
  const hasSlashes = /^\s*\/{3,}\s*$/m.test(page.body);
  return {
    opens: (line) => indentedBlock(line, page) ?? reference(line) ?? (hasSlashes ? slashBlock(line, page) : null),
    wholeLine(line) {
      const file = INCLUDED.map((included) => included.exec(line)?.[1]).find((name) => name !== undefined);
      return file === undefined ? null : `(code sample: ${file})`;
    },
    line: (line, isHeading) => (isHeading ? withAnchor(line) : line),
    text: (text) =>
      text
        .replace(ATTRIBUTES, (list: string, inside: string) => (/^#[\w-]+$/.test(inside) ? list : ""))
        .replace(ICON, "")
        .replace(KEYS, (_, keys: string) => keys.replace(/"/g, "")),
  };
}

/** An admonition (`!!! note`) or a tab (`=== "Linux"`). */
function indentedBlock(line: string, page: MarkdownPage): Block | null {
  const [, indent = "", kinds, title] = BLOCK.exec(line) ?? [];
  if (/^\s*=/.test(line) ? title === undefined : !kinds) return null;
  const shown = [blockLabel(page, indent, kinds?.split(" ")[0] ?? "", title)];
  return { shown, indented: { column: columnOf(indent), hidden: false } };
}

/** Content that mkdocstrings takes from code. The lines below are its options. */
function reference(line: string): Block | null {
  const { indent, kind } = colonsAt(line) ?? { indent: "", kind: "" };
  if (!DOTTED.test(kind)) return null;
  return { shown: [`${indent}(reference: ${kind})`], indented: { column: columnOf(indent), hidden: true } };
}

function slashBlock(line: string, page: MarkdownPage): Block | null {
  const match = SLASHES.exec(line);
  if (!match) return null;
  const [, indent = "", kind, title] = match;
  return { shown: [kind ? blockLabel(page, indent, kind, title) : ""] };
}

/** Converts `## Title { #id .class }`, and Docusaurus's `## Title {/* #id *\/}`, to `## Title {#id}`. */
function withAnchor(line: string): string {
  const id =
    /\{:?\s*(?:\/\*\s*)?(?:[^{}]*\s)?#([\w-]+)[^{}]*\}\s*$/.exec(line) ??
    /\{[^{}]*\bid="([\w-]+)"[^{}]*\}\s*$/.exec(line);
  return id ? `${line.slice(0, id.index).trimEnd()} {#${id[1]}}` : line;
}
