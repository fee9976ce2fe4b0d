/** Values of a document's attributes; null for one that is unset. */
export type Attributes = Map<string, string | null>;

const ENTRY = /^:(!?)(\w[\w-]*)(!?):(?:[ \t]+(.*))?$/;
const REFERENCE = /\\?\{(\w[\w-]*)\}/g;
/** A value that refers to others may double with each step. */
const MAX_VALUE = 1_000;

/** Enters the attribute that a line sets or unsets. False for any other line. */
export function enterAttribute(line: string, attributes: Attributes): boolean {
  const [, before, name, after, value = ""] = ENTRY.exec(line) ?? [];
  if (name === undefined) return false;
  const key = name.toLowerCase();
  if (before || after) attributes.set(key, null);
  else attributes.set(key, expanded(value.replace(/ [\\+]$/, "").trim(), attributes));
  return true;
}

/** Text with the values of attributes, cut where neither would have readers. */
export function expanded(text: string, attributes: Attributes): string {
  return withAttributes(text.slice(0, MAX_VALUE), attributes).slice(0, MAX_VALUE);
}

/** Text with the values of the attributes it refers to. Other references stay. */
export function withAttributes(text: string, attributes: Attributes): string {
  return text.replace(REFERENCE, (whole, name: string) =>
    whole.startsWith("\\") ? whole : (attributes.get(name.toLowerCase()) ?? whole),
  );
}

/** The header of a document: its title as text, and the attributes it sets. */
export function headerOf(lines: readonly string[]): { title: string; attributes: Attributes } {
  const attributes: Attributes = new Map();
  let title = "";
  let comment: string | null = null;
  for (const [at, line] of lines.entries()) {
    if (comment !== null || /^\/{4,}\s*$/.test(line)) {
      comment = comment === null ? line.trimEnd() : line.trimEnd() === comment ? null : comment;
      continue;
    }
    if (title === "" && (line.trim() === "" || /^\[.*\]$/.test(line))) continue;
    if (line.startsWith("//") || enterAttribute(line, attributes)) continue;
    if (title !== "" && (line.trim() === "" || at > MAX_HEADER)) break;
    if (title !== "" || /^(?:if(?:n?def|eval)|endif)::/.test(line)) continue;
    title = titleAt(lines, at);
    if (title === "") break;
  }
  return { title: plainTitle(expanded(title, attributes)), attributes };
}

const MAX_HEADER = 500;

/** A title that starts with one mark, or is underlined; "" for none. */
function titleAt(lines: readonly string[], at: number): string {
  const line = lines[at]!;
  const marked = /^[=#][ \t]+(\S.*?)(?:[ \t]+[=#])?$/.exec(line)?.[1];
  if (marked !== undefined) return marked;
  const under = lines[at + 1]?.trimEnd() ?? "";
  const isUnderlined = /^={2,}$/.test(under) && Math.abs(under.length - line.trimEnd().length) <= 1;
  return isUnderlined && /[\p{L}\p{N}]/u.test(line) ? line.trim() : "";
}

/** A title without the marks of inline formatting. */
function plainTitle(title: string): string {
  return title
    .replace(/pass:\w*\[([^\]]*)\]|\[\[[^\]]*\]\]/g, "$1")
    .replace(/(?:link:|https?:\/\/|xref:)[^\s[\]]*\[([^\]]*)\]/g, "$1")
    .replace(/(^|[^\w\\])([*_`+#]{1,2})(?=\S)(.*?\S)\2(?!\w)/g, "$1$3")
    .replace(/\s+/g, " ")
    .trim();
}
