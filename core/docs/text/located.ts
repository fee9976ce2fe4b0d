/** A value of JSON or YAML with the line it stands on, 1-based. */
export interface Located {
  line: number;
  value: null | boolean | number | string | Located[] | Map<string, Located>;
  /** Characters of the file before the value, and up to its end. */
  from: number;
  to: number;
  /** Line of the member's name if that is another. */
  named?: number;
  /** First and last line of each line of a string that spans several lines of the file. */
  spans?: [number, number][];
}

/** A line of text with its line in the file. */
export interface PlacedLine {
  text: string;
  line: number;
  /** Last line if the text spans several. */
  end?: number;
}

/** More than any file written by a program for readers has. */
export const MAX_DEPTH = 100;

/** The member of a map; undefined for none, and for a value that is no map. */
export function member(node: Located | undefined, name: string): Located | undefined {
  return node?.value instanceof Map ? node.value.get(name) : undefined;
}

/** The items of a list; none for any other value. */
export function itemsOf(node: Located | undefined): Located[] {
  return Array.isArray(node?.value) ? node.value : [];
}

/** The members of a map; none for any other value. */
export function membersOf(node: Located | undefined): [string, Located][] {
  return node?.value instanceof Map ? [...node.value] : [];
}

/** A string; "" for any other value. */
export function stringOf(node: Located | undefined): string {
  return typeof node?.value === "string" ? node.value : "";
}

/**
 * The lines of a string, or of a list of strings that are joined without a separator. A line that starts inside a
 * string has the line of that string.
 */
export function linesOf(node: Located | undefined): PlacedLine[] {
  const parts = node && typeof node.value === "string" ? [node] : itemsOf(node);
  const lines: PlacedLine[] = [];
  let open = true;
  for (const part of parts)
    for (const [i, text] of stringOf(part).split("\n").entries()) {
      const last = lines.at(-1);
      if (i > 0 || open || !last) lines.push({ text, ...placeOf(part, i) });
      else if (last.text === "") lines[lines.length - 1] = { text, line: part.line };
      else last.text += text;
      open = false;
    }
  while (lines.at(-1)?.text.trim() === "") lines.pop();
  return lines;
}

function placeOf({ line, spans }: Located, at: number): Omit<PlacedLine, "text"> {
  const span = spans?.[at];
  return span === undefined ? { line } : { line: span[0], end: span[1] };
}
