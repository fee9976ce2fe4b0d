const MARKS: [string, string][] = [
  ["efbbbf", "utf-8"],
  ["fffe", "utf-16le"],
  ["feff", "utf-16be"],
];

/** The encoding that a byte order mark states, by its WHATWG name; null without a mark. */
export function markedEncoding(bytes: Buffer): string | null {
  const beginning = bytes.toString("hex", 0, 3);
  return MARKS.find(([mark]) => beginning.startsWith(mark))?.[1] ?? null;
}
