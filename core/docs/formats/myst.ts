import { closesFence } from "../text/code.ts";
import type { Block, Dialect, MarkdownPage } from "./dialect.ts";
import type { Format } from "./format.ts";
import { LONG_FENCE, withTitle } from "./markdown/fences.ts";
import { labelOf } from "./markdown/labels.ts";

/** Break between two cells of a notebook, with the editor's metadata. */
const CELL_BREAK = /^\+{3}(?:\s*\{.*\})?\s*$/;
const DIRECTIVE = /^(\s*)(`{3,}|~{3,}|:{3,})\s*\{([A-Za-z][\w:+.-]*)\}(.*)$/;
const OPTION = /^\s*:([\w-]+):(?:\s(.*))?$/;
/** An option in YAML, between two lines of dashes. */
const YAML_OPTION = /^\s*([\w-]+):(?:\s(.*))?$/;
const CONTINUED = /^(?:\s|-\s|$)/;
const YAML_RULE = "---";
const MAX_YAML_LINES = 60;
const CODE = new Set(["code", "code-block", "sourcecode", "code-cell", "parsed-literal", "prompt", "doctest"]);
const DRAWN = new Set(["math", "mermaid", "graphviz"]);
/** Directives whose argument starts their text. */
const REMARKS = new Set(
  "note warning tip hint important attention caution danger error seealso todo margin".split(" "),
);
const TITLED = new Set(
  "admonition dropdown details card tab-item grid-item-card topic sidebar table list-table csv-table".split(" "),
);
const VERSIONS: Record<string, string> = {
  versionadded: "New in version",
  versionchanged: "Changed in version",
  deprecated: "Deprecated since version",
  versionremoved: "Removed in version",
};
const FILES: Record<string, string> = { include: "include", literalinclude: "code sample" };
/** Boxes without visible text of their own: layout, and pictures, whose alternative text is an option. */
const SILENT = new Set(
  "toctree figure image grid grid-item tab-set card-carousel contents tableofcontents index raw container div".split(
    " ",
  ),
);
/** Options visible to readers. */
const SHOWN_OPTIONS = new Set(["caption", "alt", "header"]);

/** MyST, the Markdown of Sphinx and Jupyter Book: directives, and notebooks as text. */
export const myst: Format = { name: "myst", dialect: directives };

function directives({ lines }: MarkdownPage): Dialect {
  return { opens: (line, at) => (CELL_BREAK.test(line) ? { shown: [""] } : directiveAt(lines, at, line)) };
}

/** The directive that line `at` opens, with the lines of its options. `line` is that line inside its block. */
function directiveAt(lines: readonly string[], at: number, line: string): Block | null {
  const [, indent = "", fence = "", kind = "", rest = ""] = DIRECTIVE.exec(line) ?? [];
  const argument = rest.trim();
  if (kind === "") return null;
  const options = optionsBelow(lines, at);
  if (CODE.has(kind) || DRAWN.has(kind)) {
    const language = DRAWN.has(kind) ? kind : argument;
    const title = options.flatMap(({ name, value }) => (name === "caption" ? value : [])).join(" ");
    const blank = lines[at + options.length + 1]?.trim() === "" ? 1 : 0;
    const before = Array<string>(options.length + blank).fill("");
    const code = { closes: (other: string) => closesFence(other, fence), end: `${indent}${LONG_FENCE}` };
    return { shown: [...before, `${indent}${LONG_FENCE}${withTitle(language, title)}`], code };
  }
  const label = shownOf(kind, argument, fence);
  if (label === null) return null;
  if (kind === "toctree" && options.some(({ name }) => name === "hidden"))
    return { shown: Array<string>(linesToClose(lines, at, fence)).fill("") };
  const below = options.map(({ name, value }) => (SHOWN_OPTIONS.has(name) ? `${indent}${value}` : ""));
  const shown = [label === "" ? "" : `${indent}${label}`, ...below];
  // Blocks between colons need no tracking: each `:::` line is dropped separately.
  return fence.startsWith(":") ? { shown } : { shown, box: fence };
}

function shownOf(kind: string, argument: string, fence: string): string | null {
  const name = kind === "seealso" ? "See also" : `${kind[0]!.toUpperCase()}${kind.slice(1)}`;
  if (REMARKS.has(kind)) return `**${name}:** ${argument}`.trim();
  if (TITLED.has(kind)) return argument === "" ? "" : labelOf(argument);
  if (Object.hasOwn(VERSIONS, kind)) {
    const [version = "", ...words] = argument.split(/\s+/);
    return `**${`${VERSIONS[kind]} ${version}`.trim()}:** ${words.join(" ")}`.trim();
  }
  if (Object.hasOwn(FILES, kind)) return `(${FILES[kind]}: ${argument})`;
  if (SILENT.has(kind)) return "";
  // In a backtick fence it is a language, as in R Markdown. In a colon fence it is an extension's box.
  if (!fence.startsWith(":")) return null;
  return /\p{L}/u.test(argument) ? labelOf(argument) : "";
}

/** One option line, or one of the lines of dashes around options, which has no name. */
interface Option {
  name: string;
  value: string;
}

/** Options directly below: `:name: value` on each line, or YAML. */
function optionsBelow(lines: readonly string[], at: number): Option[] {
  const yaml = yamlBelow(lines, at);
  if (yaml) return yaml;
  const options: Option[] = [];
  for (let i = at + 1; i < lines.length; i++) {
    const option = OPTION.exec(lines[i]!);
    if (!option) break;
    options.push({ name: option[1]!, value: (option[2] ?? "").trim() });
  }
  return options;
}

/** `null` if the lines below are not YAML but a horizontal rule and text. */
function yamlBelow(lines: readonly string[], at: number): Option[] | null {
  if (lines[at + 1]?.trim() !== YAML_RULE) return null;
  const rule = { name: "", value: "" };
  const options: Option[] = [rule];
  for (const line of lines.slice(at + 2, at + 2 + MAX_YAML_LINES)) {
    if (line.trim() === YAML_RULE) return [...options, rule];
    const option = YAML_OPTION.exec(line);
    const above = options.at(-1)!.name;
    if (option) options.push({ name: option[1]!, value: scalar(option[2] ?? "") });
    else if (/^\s*#/.test(line)) options.push(rule);
    else if (above !== "" && CONTINUED.test(line)) options.push({ name: above, value: line.trim() });
    else return null;
  }
  return null;
}

/** A value without quotes, and without the mark for text on the lines below. */
function scalar(value: string): string {
  return value
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2")
    .replace(/^[>|][-+\d]*$/, "");
}

function linesToClose(lines: readonly string[], at: number, fence: string): number {
  const end = lines.findIndex((line, i) => i > at && closesFence(line, fence));
  return (end < 0 ? lines.length - 1 : end) - at + 1;
}
