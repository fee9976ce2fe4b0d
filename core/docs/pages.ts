import { createHash } from "node:crypto";
import { Anchors } from "./anchors.ts";
import { decodePage } from "./decode.ts";
import { plainMarkdown } from "./formats/dialects.ts";
import { stagesText } from "./formats/kubernetes.ts";
import { splitFrontMatter } from "./frontMatter.ts";
import type { SourceFile } from "./sourceFile.ts";

/** A page that could be read: front matter apart, shortcodes still in the body. */
export interface Page {
  path: string;
  /** SHA-256 of the file's bytes. */
  digest: string;
  title: string;
  description: string;
  data: Record<string, unknown>;
  body: string;
  /** Lines of the file before `body`. */
  offset: number;
  /** Lines of the whole file. */
  lines: number;
}

export interface Quarantined {
  page: string;
  reason: string;
}

/** Decodes a file and takes its front matter apart. Drafts give null, as Hugo would not show them. */
export function readPage({ path, bytes }: SourceFile): Page | Quarantined | null {
  const decoded = decodePage(bytes);
  if ("reason" in decoded) return { page: path, reason: decoded.reason };
  const front = splitFrontMatter(decoded.text);
  if ("reason" in front) return { page: path, reason: front.reason };
  if (front.data.draft === true) return null;
  const body = plainMarkdown(front.body);
  return {
    path,
    digest: createHash("sha256").update(bytes).digest("hex"),
    title: titleOf(path, front.data, body),
    description: [stagesText(front.data), text(front.data.description).replace(/\s+/g, " ").trim()]
      .filter(Boolean)
      .join(". "),
    ...front,
    body,
    lines: decoded.text.split("\n").length,
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** The front matter's title, else the first heading, else the file's name in words. */
function titleOf(path: string, data: Record<string, unknown>, body: string): string {
  const given = text(data.title).trim() || text(data.linkTitle).trim();
  if (given) return given.replace(/\s+/g, " ");
  const heading = new Anchors().take(/^# (.*)$/m.exec(body)?.[1]?.trim() ?? "").text.replace(/[`*_]| #+$/g, "");
  if (heading) return heading;
  const parts = path
    .replace(/\.(md|mdx|markdown)$/i, "")
    .replace(/(^|\/)(_index|index|README)$/i, "")
    .split("/");
  return parts.at(-1)?.replace(/[-_]+/g, " ") || "Home";
}

/** Path of a page below the docs' address: `a/_index.md` is `a/`, `a/b.md` is `a/b/`. */
export function pageUrl(path: string): string {
  const bare = path.replace(/\.(md|mdx|markdown)$/i, "");
  if (/(^|\/)(_index|index|README)$/i.test(bare)) return bare.replace(/(_index|index|README)$/i, "");
  return `${bare}/`;
}
