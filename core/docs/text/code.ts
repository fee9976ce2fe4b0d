/** A fenced block closed as in CommonMark, by at least as many of its own marks, or a code span on one line. */
const CODE =
  /^[ \t]*(`{3,}(?=[^`\n]*$)|~{3,}).*(?:\n(?![ \t]*\1[`~]*[ \t]*$).*)*(?:\n.*)?|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`)/gm;
const SPAN = /(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g;
const OPENING = /^\s*(`{3,}(?=[^`]*$)|~{3,})/;

/** The marks that open a fenced block on this line, or null. */
export function fenceOf(line: string): string | null {
  return OPENING.exec(line)?.[1] ?? null;
}

/** True for a line that closes the block opened by `fence`. Other fences inside the block are its text. */
export function closesFence(line: string, fence: string): boolean {
  const marks = line.trim();
  return marks.startsWith(fence) && marks.replaceAll(fence[0]!, "") === "";
}

/** The text with its last fenced block closed, so that text appended to it is no code. */
export function withClosedFence(text: string): string {
  let open: string | null = null;
  for (const line of text.split("\n")) {
    if (open === null) open = fenceOf(line);
    else if (closesFence(line, open)) open = null;
  }
  return open === null ? text : `${text}\n${open}`;
}

/** Rewrites text outside code spans and code blocks, which stay unchanged. */
export function mapProse(text: string, rewrite: (prose: string) => string): string {
  let out = "";
  let at = 0;
  for (const { index, 0: code } of text.matchAll(CODE)) {
    out += rewrite(text.slice(at, index)) + code;
    at = index + code.length;
  }
  return out + rewrite(text.slice(at));
}

/** The text with code spans masked, so that they cannot end a sentence or a table cell. Keeps every position. */
export function maskedSpans(text: string): string {
  return text.includes("`") ? text.replace(SPAN, (span) => span.replace(/[.!?|]/g, "_")) : text;
}
