import { withAnchorText } from "../anchors.ts";
import { labelOf } from "../labels.ts";
import { isStatement } from "../statements.ts";
import { bare, type PageTags, withoutComponents } from "./components.ts";

/** Names of icon sets that Material for MkDocs shows as pictures. */
const ICON = /:(?:material|octicons|fontawesome|simple|twemoji)-[a-z0-9-]+:/g;
const KEYS = /\+\+((?:"[^"]+"|[a-z0-9-]+)(?:\+(?:"[^"]+"|[a-z0-9-]+))*)\+\+/g;
const ATTRIBUTE = String.raw`(?:[.#][A-Za-z][\w-]*|[A-Za-z][\w-]*=(?:"[^"]*"|'[^']*'|[\w%.-]+))`;
const ATTRIBUTES = new RegExp(String.raw`(?<!\{)\{:?\s*(${ATTRIBUTE}(?:\s+${ATTRIBUTE})*)\s*\}(?!\})`, "g");
const HEADING = /^\s{0,3}#{1,6}\s/;
const CLOSING = /(?<!\s)\s+#+\s*$/;
/** Marks that only steer the generator: the table of contents, raw blocks. */
const STEERING = /^\s*(?:\[TOC\]|\[\[toc\]\]|\[\[_TOC_\]\]|<!-- ?toc ?-->)\s*$/i;
const LIQUID = /\{%-?\s*(\w+)((?:\s[^%]*?)?)-?%\}/g;
const LIQUID_MARKS = new Set(["raw", "endraw", "endhint", "tabs", "endtabs", "endtab"]);
const INLINE_HIGHLIGHT = /\{%-?\s*highlight\s[^%]*%\}((?:(?!\{%)[^`])*)\{%-?\s*endhighlight\s*-?%\}/g;
const JSX_COMMENT = /\{\/\*.*?\*\/\}/g;

/**
 * One line without a generator's marks: attribute lists, icons, keys, imports and components of MDX, includes. What
 * stands in code spans stays.
 *
 * @param tags of the whole page: a component is one that is closed there, else `<Name>` stands for what the reader fills in.
 */
export function plainMarks(line: string, tags: PageTags): string {
  if (STEERING.test(line) || isStatement(line)) return "";
  const included = includedFile(line);
  if (included !== null) return `(code sample: ${included})`;
  if (!/[{:+<]/.test(line)) return line;
  const isHeading = HEADING.test(line);
  const marked = (isHeading ? withAnchor(line) : line).replace(INLINE_HIGHLIGHT, "`$1`");
  const shown = outsideCode(marked, (text) => withoutComponents(plainPart(text), tags));
  if (!isHeading || !/<[A-Z]/.test(marked) || /\{#[^{}]*\}\s*$/.test(marked)) return shown;
  // What a badge in a heading shows is no part of its anchor.
  const own = outsideCode(marked, (text) => bare(plainPart(text)));
  if (own.trim() === shown.trim()) return shown;
  return withAnchorText(shown.replace(CLOSING, ""), own.replace(CLOSING, "").replace(/^\s*#+/, ""));
}

function outsideCode(line: string, read: (text: string) => string): string {
  return line
    .split(/(`+[^`]*`+)/)
    .map((part, at) => (at % 2 === 1 ? part : read(part)))
    .join("");
}

/** The file of a line that only takes in a file: of FastAPI's docs, pymdownx, VitePress. */
function includedFile(line: string): string | null {
  const match =
    /^\s*\{\*\s*(\S+).*\*\}\s*$/.exec(line) ??
    /^\s*-{1,3}8<-{1,3}\s+"([^"]+)"\s*$/.exec(line) ??
    /^\s*<<<\s+@?([\w./-]+)/.exec(line);
  return match?.[1] ?? null;
}

function plainPart(text: string): string {
  return text
    .replace(JSX_COMMENT, "")
    .replace(ATTRIBUTES, (list: string, inside: string) => (/^#[\w-]+$/.test(inside) ? list : ""))
    .replace(ICON, "")
    .replace(KEYS, (_, keys: string) => keys.replace(/"/g, ""))
    .replace(LIQUID, (tag: string, name: string, rest: string) => liquid(tag, name, rest));
}

/** `## Title { #id .class }` and `## Title {/* #id *\/}` as `## Title {#id}`. */
function withAnchor(line: string): string {
  const id =
    /\{:?\s*(?:\/\*\s*)?(?:[^{}]*\s)?#([\w-]+)[^{}]*\}\s*$/.exec(line) ??
    /\{[^{}]*\bid="([\w-]+)"[^{}]*\}\s*$/.exec(line);
  return id ? `${line.slice(0, id.index).trimEnd()} {#${id[1]}}` : line;
}

function liquid(tag: string, name: string, rest: string): string {
  if (LIQUID_MARKS.has(name)) return "";
  const title = /(?:title|style)="([^"]+)"/.exec(rest)?.[1];
  if ((name === "hint" || name === "tab") && title) return labelOf(title[0]!.toUpperCase() + title.slice(1));
  return tag;
}
