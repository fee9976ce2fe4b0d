/** Names of icon sets that Material for MkDocs shows as pictures. */
const ICON = /:(?:material|octicons|fontawesome|simple|twemoji)-[a-z0-9-]+:/g;
const KEYS = /\+\+((?:"[^"]+"|[a-z0-9-]+)(?:\+(?:"[^"]+"|[a-z0-9-]+))*)\+\+/g;
const ATTRIBUTE = String.raw`(?:[.#][A-Za-z][\w-]*|[A-Za-z][\w-]*=(?:"[^"]*"|'[^']*'|[\w%.-]+))`;
const ATTRIBUTES = new RegExp(String.raw`(?<!\{)\{:?\s*(${ATTRIBUTE}(?:\s+${ATTRIBUTE})*)\s*\}(?!\})`, "g");
const HEADING = /^\s{0,3}#{1,6}\s/;
const IMPORT = /^(?:import\s+(?:[\w{}*,\s$]+\s+from\s+)?["'][^"']+["']|export\s+(?:const|default|function)\s.*);?\s*$/;
/** Marks that only steer the generator: the table of contents, raw blocks. */
const STEERING = /^\s*(?:\[TOC\]|\[\[toc\]\]|\[\[_TOC_\]\]|<!-- ?toc ?-->)\s*$/i;
const LIQUID = /\{%-?\s*(\w+)((?:\s[^%]*?)?)-?%\}/g;
const LIQUID_MARKS = new Set(["raw", "endraw", "endhint", "tabs", "endtabs", "endtab"]);
const JSX_COMMENT = /\{\/\*.*?\*\/\}/g;
const COMPONENT =
  /<(\/?)([A-Z][A-Za-z0-9.]*[a-z][A-Za-z0-9.]*)((?:\s+[\w:@.-]+(?:=(?:"[^"]*"|'[^']*'|\{[^}]*\}))?)*)\s*(\/?)>/g;
const SHOWN_ATTRIBUTE = /\s(?:label|title|header|heading|summary)=(?:"([^"]*)"|'([^']*)')/;

/**
 * One line without a generator's marks: attribute lists, icons, keys, imports and components of MDX, includes. What
 * stands in code spans stays.
 *
 * @param page the whole page: a component is one that is closed there, else `<Name>` stands for what the reader fills in.
 */
export function plainMarks(line: string, page: string): string {
  if (STEERING.test(line) || IMPORT.test(line)) return "";
  const included = includedFile(line);
  if (included !== null) return `(code sample: ${included})`;
  if (!/[{:+<]/.test(line)) return line;
  const marked = HEADING.test(line) ? withAnchor(line) : line;
  return marked
    .split(/(`+[^`]*`+)/)
    .map((part, at) => (at % 2 === 1 ? part : plainPart(part, page)))
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

function plainPart(text: string, page: string): string {
  return text
    .replace(JSX_COMMENT, "")
    .replace(ATTRIBUTES, (list: string, inside: string) => (/^#[\w-]+$/.test(inside) ? list : ""))
    .replace(ICON, "")
    .replace(KEYS, (_, keys: string) => keys.replace(/"/g, ""))
    .replace(LIQUID, (tag: string, name: string, rest: string) => liquid(tag, name, rest))
    .replace(COMPONENT, (tag: string, ...groups: string[]) => component(tag, groups, page));
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
  if ((name === "hint" || name === "tab") && title) return `**${title[0]!.toUpperCase()}${title.slice(1)}:**`;
  return tag;
}

function component(tag: string, [closing, name, attributes, alone]: string[], page: string): string {
  if (closing === "/") return page.includes(`<${name}`) ? "" : tag;
  const isComponent = alone === "/" || attributes!.trim() !== "" || page.includes(`</${name}>`);
  if (!isComponent) return tag;
  const shown = SHOWN_ATTRIBUTE.exec(attributes!);
  const label = shown?.[1] ?? shown?.[2] ?? "";
  return label === "" ? "" : `**${label}:**`;
}
