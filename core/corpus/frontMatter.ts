import { parse as parseYaml } from "yaml";
import { messageOf } from "../errors.ts";

export interface FrontMatter {
  data: Record<string, unknown>;
  /** Text after the front matter. */
  body: string;
  /** Lines of the file before `body`. */
  offset: number;
}

/** More than any page needs; a parser's time grows with it. */
const MAX_FRONT_MATTER = 100_000;

/**
 * Splits a page into front matter and body: YAML between `---`, or TOML between `+++`. Nothing is ever evaluated.
 * Gives a reason where it cannot be read.
 */
export function splitFrontMatter(text: string): FrontMatter | { reason: string } {
  const [first = ""] = text.split("\n", 1);
  const fence = /^(---|\+\+\+)(.*)$/.exec(first);
  if (!fence) return { data: {}, body: text, offset: 0 };
  const language = fence[2]!.trim();
  if (/^[a-z]+$/i.test(language)) return { reason: `front matter in "${language.slice(0, 20)}" is not read` };
  if (language !== "") return { data: {}, body: text, offset: 0 };
  const lines = text.split("\n");
  const end = lines.findIndex((line, i) => i > 0 && line.trimEnd() === fence[1]);
  if (end < 0) return { reason: "front matter is not closed" };
  const source = lines.slice(1, end).join("\n");
  if (source.length > MAX_FRONT_MATTER) return { reason: `front matter is longer than ${MAX_FRONT_MATTER} characters` };
  const read = fence[1] === "---" ? readYaml(source) : readToml(source);
  if ("reason" in read) return read;
  return { data: read.data, body: lines.slice(end + 1).join("\n"), offset: end + 1 };
}

type Read = { data: Record<string, unknown> } | { reason: string };

function readYaml(source: string): Read {
  try {
    const data: unknown = parseYaml(source, {
      maxAliasCount: 20,
      schema: "core",
      uniqueKeys: false,
      logLevel: "error",
    });
    if (data === null || data === undefined) return { data: {} };
    if (typeof data !== "object" || Array.isArray(data)) return { reason: "front matter is no mapping" };
    return { data: data as Record<string, unknown> };
  } catch (error) {
    return { reason: `front matter is not valid YAML: ${messageOf(error).split("\n")[0]}` };
  }
}

/** Strings and booleans at the top level: all that ingest uses of TOML front matter. */
function readToml(source: string): Read {
  const data: Record<string, unknown> = {};
  for (const line of source.split("\n")) {
    if (/^\s*\[/.test(line)) break;
    const match = /^\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(true|false))\s*(?:#.*)?$/.exec(line);
    if (match) data[match[1]!] = match[4] ? match[4] === "true" : (match[2]?.replace(/\\(.)/g, "$1") ?? match[3]);
  }
  return { data };
}
