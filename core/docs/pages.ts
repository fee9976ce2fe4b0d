import { createHash } from "node:crypto";
import { visibleName } from "../base/controls.ts";
import { Anchors } from "./anchors.ts";
import { decodePage } from "./decode.ts";
import { FORMATS, languageOf, reads } from "./formats/index.ts";
import { type Page, pageName } from "./page.ts";
import type { SourceFile } from "./sourceFile.ts";
import { closesFence, fenceOf } from "./text/code.ts";

export interface Quarantined {
  page: string;
  reason: string;
}

/**
 * Decodes a file and splits off its front matter. Returns null for drafts, which their generator would not publish, and
 * for pages that only lead elsewhere.
 */
export function readPage({ path, bytes }: SourceFile): Page | Quarantined | null {
  const name = visibleName(path);
  if (name !== path) return { page: name, reason: "its name holds control characters" };
  const language = languageOf(path);
  const decoded = decodePage(bytes, language);
  if ("reason" in decoded) return { page: path, reason: decoded.reason };
  const read = language.read(decoded.text);
  if (read === null) return null;
  if ("reason" in read) return { page: path, reason: read.reason };
  if (FORMATS.some((format) => format.isDraft?.(read.data))) return null;
  const shown = FORMATS.map((format) => format.frontText?.(read.data) ?? "");
  return {
    path,
    digest: createHash("sha256").update(bytes).digest("hex"),
    // A line of a data file that starts with a hash is no heading.
    title: titleOf(path, read.data, language.encoded ? "" : read.body),
    description: [...shown, text(read.data.description).replace(/\s+/g, " ").trim()].filter(Boolean).join(". "),
    ...read,
    lines: decoded.text.split("\n").length,
  };
}

/** The pages of a source once all are read. */
export function settledPages(pages: Page[]): Page[] {
  return FORMATS.reduce(
    (settled, format) => format.settled?.(settled, (page) => reads(format, page)) ?? settled,
    pages,
  );
}

function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** The front matter's title, otherwise the first heading, otherwise the file's name in words. */
function titleOf(path: string, data: Record<string, unknown>, body: string): string {
  const given = text(data.title).trim() || text(data.linkTitle).trim();
  if (given) return given.replace(/\s+/g, " ");
  const heading = new Anchors().take(firstHeading(body)).text.replace(/[`*_]| #+$/g, "");
  return heading || pageName(path);
}

/** Text of the first heading of the first level; a comment of a code block is none. */
function firstHeading(body: string): string {
  let fence: string | null = null;
  for (const line of body.split("\n")) {
    if (fence === null) {
      if (line.startsWith("# ")) return line.slice(2).trim();
      fence = fenceOf(line);
    } else if (closesFence(line, fence)) fence = null;
  }
  return "";
}
