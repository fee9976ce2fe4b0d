import { withoutControls } from "../base/controls.ts";
import { markedEncoding } from "./byteOrderMark.ts";
import type { Language } from "./formats/format.ts";
import { MAX_PAGE_BYTES } from "./sourceFile.ts";

/** A page's text with LF line ends, or the reason it cannot be read. */
export type Decoded = { text: string } | { reason: string };

const MAX_LINE = 200_000;
const MAX_HEADINGS = 5_000;
const MAX_NESTING = 100;
const MAX_RUN = 1_000;

/** An inline image. Exported notebooks hold megabytes of them, and they carry no text. */
const INLINE_PICTURE = /(\]\(\s*<?|\bsrc\s*=\s*["']?)data:[\w.+/-]+;base64,[\w+/=]+/g;

/**
 * Decodes a page by its byte order mark, otherwise in the encoding that `charset` finds, otherwise as UTF-8. Keeps line
 * numbers, drops control characters. The text of an `encoded` page is checked by its own reader.
 */
export function decodePage(
  bytes: Buffer,
  { encoded = false, maxBytes = MAX_PAGE_BYTES, charset }: Pick<Language, "encoded" | "maxBytes" | "charset"> = {},
): Decoded {
  if (bytes.length > maxBytes) return { reason: `larger than ${maxBytes / 1e6} MB` };
  const decoded = toText(bytes, markedEncoding(bytes) ?? charset?.(bytes) ?? "utf-8");
  if ("reason" in decoded) return decoded;
  if (decoded.text.includes("\0")) return { reason: "holds NUL bytes, so it is not a text file" };
  const text = withoutControls(decoded.text).replace(INLINE_PICTURE, "$1data:,");
  const reason = encoded ? null : excess(text);
  return reason === null ? { text } : { reason };
}

function toText(bytes: Buffer, encoding: string): Decoded {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes) };
  } catch {
    return { reason: `not valid ${encoding.toUpperCase()}` };
  }
}

/** Finds content that no page written for readers has and that would cost a parser unbounded time. */
export function excess(text: string): string | null {
  let headings = 0;
  for (const line of text.split("\n")) {
    if (line.length > MAX_LINE) return `has a line of ${line.length} characters`;
    if (/^ {0,3}#{1,6}\s/.test(line) && ++headings > MAX_HEADINGS) return `has more than ${MAX_HEADINGS} headings`;
    const markers =
      /^(?:[ \t]*(?:>|[-*+](?=\s)|\d+[.)](?=\s)))+/.exec(line)?.[0].replace(/[^>*+\-.)]/g, "").length ?? 0;
    if (markers > MAX_NESTING || /^[ \t]{250}[ \t]*(?:[-*+>]|\d+[.)])[ \t]/.test(line))
      return `is nested deeper than ${MAX_NESTING} levels`;
  }
  return longestRun(text) > MAX_RUN ? `repeats one punctuation mark over ${MAX_RUN} times` : null;
}

/** Length of the longest run of one Markdown mark. */
function longestRun(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/([[\](){}*_`!<>~|#])\1+/g)) longest = Math.max(longest, run.length);
  return longest;
}
