import { withAnchorText } from "../../anchors.ts";
import type { Dialect } from "../dialect.ts";

const HEADING = /^\s{0,3}#{1,6}\s/;
const CLOSING = /(?<!\s)\s+#+\s*$/;
const OWN_ANCHOR = /\{#[^{}]*\}\s*$/;
const TAG = /<[A-Z]/;

/** One line without the marks of dialects. Code spans stay. */
export function plainMarks(line: string, dialects: readonly Dialect[]): string {
  for (const dialect of dialects) {
    const shown = dialect.wholeLine?.(line) ?? null;
    if (shown !== null) return shown;
  }
  const isHeading = HEADING.test(line);
  const marked = dialects.reduce((text, dialect) => dialect.line?.(text, isHeading) ?? text, line);
  const read = (of: "page" | "anchor") => outsideCode(marked, (text) => plainText(text, dialects, of));
  const shown = read("page");
  if (!isHeading || !TAG.test(marked) || OWN_ANCHOR.test(marked)) return shown;
  // A badge in a heading is not part of its anchor.
  const own = read("anchor");
  if (own.trim() === shown.trim()) return shown;
  return withAnchorText(shown.replace(CLOSING, ""), own.replace(CLOSING, "").replace(/^\s*#+/, ""));
}

function outsideCode(line: string, read: (text: string) => string): string {
  return line
    .split(/(`+[^`]*`+)/)
    .map((part, at) => (at % 2 === 1 ? part : read(part)))
    .join("");
}

function plainText(text: string, dialects: readonly Dialect[], of: "page" | "anchor"): string {
  const marked = dialects.reduce((rest, dialect) => dialect.text?.(rest) ?? rest, text);
  return dialects.reduce((rest, dialect) => dialect.tags?.(rest, of) ?? rest, marked);
}
