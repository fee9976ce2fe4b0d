/** A fenced block as CommonMark ends it: by as many of its own marks or more; then a span in backticks, on one line. */
const CODE =
  /^[ \t]*(`{3,}(?=[^`\n]*$)|~{3,}).*(?:\n(?![ \t]*\1[`~]*[ \t]*$).*)*(?:\n.*)?|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\2(?!`)/gm;
const SPAN = /(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g;
const OPENING = /^\s*(`{3,}(?=[^`]*$)|~{3,})/;

/** The marks with which a line opens a fenced block, or null. */
export function fenceOf(line: string): string | null {
  return OPENING.exec(line)?.[1] ?? null;
}

/** True for a line that ends the block which `fence` opened; another fence inside the block is its text. */
export function endsFence(line: string, fence: string): boolean {
  const marks = line.trim();
  return marks.startsWith(fence) && /^(?:`+|~+)$/.test(marks);
}

/** Rewrites what is outside code spans and code blocks, which stay to the letter. */
export function mapProse(text: string, rewrite: (prose: string) => string): string {
  let out = "";
  let at = 0;
  for (const { index, 0: code } of text.matchAll(CODE)) {
    out += rewrite(text.slice(at, index)) + code;
    at = index + code.length;
  }
  return out + rewrite(text.slice(at));
}

/** The text with nothing in its code spans that could end a sentence or a table's cell; every position stays. */
export function maskedSpans(text: string): string {
  return text.includes("`") ? text.replace(SPAN, (span) => span.replace(/[.!?|]/g, "_")) : text;
}
