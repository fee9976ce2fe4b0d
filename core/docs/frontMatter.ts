import { parse as parseYaml, YAMLParseError } from "yaml";
import { messageOf } from "../base/errors.ts";

export interface FrontMatter {
  data: Record<string, unknown>;
  /** Text after the front matter. */
  body: string;
  /** Lines of the file before `body`. */
  offset: number;
}

/** More than any page needs. The parser's time grows with the length. */
const MAX_FRONT_MATTER = 100_000;
const ENTRY = /^([A-Za-z_][\w.-]*)[ \t]*:(?:[ \t]+(.*))?$/;
/** Lines between entries: comments, and continuations of the entry above. */
const BETWEEN = /^(?:#|\s|-(?:\s|$)|[\]}],?\s*$)/;
const NOT_CLOSED = { reason: "front matter is not closed" };

/**
 * Splits a page into front matter and body: YAML between `---`, or TOML between `+++`. Never evaluates code. A page
 * that starts with a horizontal rule is all body. Returns a reason if the front matter cannot be read.
 */
export function splitFrontMatter(text: string): FrontMatter | { reason: string } {
  const [first = ""] = text.split("\n", 1);
  const fence = /^(---|\+\+\+)(.*)$/.exec(first);
  const allBody = { data: {}, body: text, offset: 0 };
  if (!fence) return allBody;
  const language = fence[2]!.trim();
  if (/^[a-z]+$/i.test(language)) return { reason: `front matter in "${language.slice(0, 20)}" is not read` };
  if (language !== "") return allBody;
  const lines = text.split("\n");
  const end = lines.findIndex((line, i) => i > 0 && line.trimEnd() === fence[1]);
  if (end < 0) return fence[1] === "---" && !opensWithEntry(lines.slice(1)) ? allBody : NOT_CLOSED;
  const source = lines.slice(1, end).join("\n");
  if (source.length > MAX_FRONT_MATTER) return { reason: `front matter is longer than ${MAX_FRONT_MATTER} characters` };
  const read = fence[1] === "---" ? readYaml(source) : readToml(source);
  if (read === null) return allBody;
  if ("reason" in read) return read;
  return { data: read.data, body: lines.slice(end + 1).join("\n"), offset: end + 1 };
}

type Read = { data: Record<string, unknown> } | { reason: string };

/** `null` if the text is not front matter but lies between two horizontal rules. */
function readYaml(source: string): Read | null {
  try {
    const data: unknown = parseYaml(source, {
      maxAliasCount: 20,
      schema: "core",
      uniqueKeys: false,
      logLevel: "error",
    });
    if (data === null || data === undefined) return { data: {} };
    if (typeof data !== "object" || Array.isArray(data)) return null;
    return { data: data as Record<string, unknown> };
  } catch (error) {
    const lines = source.split("\n");
    const malformed = error instanceof YAMLParseError;
    if (malformed && !(opensWithEntry(lines) && lines.every(isOfEntries))) return null;
    const data = malformed ? plainScalars(lines) : {};
    if (Object.keys(data).length > 0) return { data };
    return { reason: `front matter is not valid YAML: ${messageOf(error).split("\n")[0]}` };
  }
}

function opensWithEntry(lines: string[]): boolean {
  return ENTRY.test(lines.find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "");
}

function isOfEntries(line: string): boolean {
  return line.trim() === "" || ENTRY.test(line) || BETWEEN.test(line);
}

/** Reads `title: Foo: bar` as line-based generators and people do. Lists and nested values are left out. */
function plainScalars(lines: string[]): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const line of lines) {
    const [, key = "", rest = ""] = ENTRY.exec(line) ?? [];
    const value = rest.replace(/(^|\s)#.*$/, "").trim();
    if (key === "" || key === "__proto__" || /^(?:$|[[{&*!|>])/.test(value)) continue;
    const quoted = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)')$/.exec(value);
    if (quoted) data[key] = quoted[1]?.replace(/\\(.)/g, "$1") ?? quoted[2]!.replaceAll("''", "'");
    else data[key] = /^(?:true|false)$/i.test(value) ? value.toLowerCase() === "true" : value;
  }
  return data;
}

/** Top-level strings and booleans, which are all that ingest uses of TOML front matter. */
function readToml(source: string): Read {
  const data: Record<string, unknown> = {};
  for (const line of source.split("\n")) {
    if (/^\s*\[/.test(line)) break;
    const match = /^\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(true|false))\s*(?:#.*)?$/.exec(line);
    if (match) data[match[1]!] = match[4] ? match[4] === "true" : (match[2]?.replace(/\\(.)/g, "$1") ?? match[3]);
  }
  return { data };
}
