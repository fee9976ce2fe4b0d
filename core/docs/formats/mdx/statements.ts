/** Longest MDX tag or statement, in lines. */
const MAX_LINES = 60;
/** Reading budget: this many passes over a page's characters, but at least this number of characters. */
const MAX_PASSES = 8;
const MIN_ROOM = 100_000;
const TAG = /^\s*<[A-Z][A-Za-z0-9.]*[a-z][A-Za-z0-9.]*(?=\s|$)/;
/** A statement contains no other. */
const STATEMENT = /^(?:import|export)\s/;
const NAMES = String.raw`(?:[\w$]+|\*\s+as\s+[\w$]+|\{[\w\s,$]*\})`;
const IMPORT = new RegExp(
  String.raw`^import\s+(?:(?:type\s+)?${NAMES}(?:\s*,\s*${NAMES})?\s+from\s+)?["'][^"']+["'];?$`,
);
/** Prose may start with these words too. Only the marks that follow make it a statement. */
const EXPORT = new RegExp(
  [
    String.raw`^export\s+(?:const\s+(?:[\w$]+|\{[^{}]*\}|\[[^[\]]*\])\s*(?::[^=]+)?=`,
    String.raw`(?:default\s+)?(?:async\s+)?function(?:\s*\*)?(?:\s+[\w$]+)?\s*\(.*[{}];?$`,
    String.raw`default\s+(?:[[{(<"'${"`"}]|[\w$.]+(?:\(|\s*=>|\s*;?$)))`,
  ].join("|"),
);
const EXPORT_START = /^export\s+(?:const|default|function|async)\s/;

/** True for a line, or for joined lines, that form an import or export of MDX. */
export function isStatement(line: string): boolean {
  const text = line.trimEnd();
  return IMPORT.test(text) || EXPORT.test(text);
}

/** The lines of a statement as one, with the first one's indentation. */
export function joined(lines: string[]): string {
  const [first = "", ...rest] = lines;
  return [first.trimEnd(), ...rest.map((line) => line.trim())].join(" ");
}

const QUOTES = new Set(['"', "'", "`"]);
const OPENING = new Set(["{", "[", "("]);
const CLOSING = new Set(["}", "]", ")"]);
const MARKS = /["'`{}[\]()<>]/g;

/** Finds tags and statements that span several lines. Gives up after thousands that never end. */
export class Statements {
  /** Characters left to read. */
  private room: number;

  constructor(private readonly lines: readonly string[]) {
    this.room = lines.reduce((sum, line) => sum + line.length + 1, 0) * MAX_PASSES + MIN_ROOM;
  }

  /** Number of lines from `at` that form one tag, import or export; 1 for a separate line. */
  count(at: number): number {
    const first = this.lines[at]!;
    const tag = TAG.exec(first);
    if (tag) return this.until(at, tag[0].length, ">");
    if (/^import\s/.test(first)) return this.importLines(at);
    const opening = EXPORT_START.test(first) ? first.search(/[{[]/) : -1;
    if (opening < 0) return 1;
    const count = this.until(at, opening, "");
    return count > 1 && isStatement(joined(this.lines.slice(at, at + count))) ? count : 1;
  }

  /** Line `count` of a statement; `null` if it cannot belong to one. */
  private next(at: number, count: number): string | null {
    const line = this.lines[at + count - 1];
    this.room -= (line?.length ?? 0) + 1;
    return this.room < 0 || !line?.trim() || (count > 1 && STATEMENT.test(line)) ? null : line;
  }

  private importLines(at: number): number {
    for (let count = 1; count <= MAX_LINES; count++) {
      const line = this.next(at, count);
      if (line === null) return 1;
      if (/["'];?\s*$/.test(line)) return isStatement(joined(this.lines.slice(at, at + count))) ? count : 1;
    }
    return 1;
  }

  /**
   * Lines up to the one where all quotes and brackets are closed and `mark`, if any, appears; 1 if there is no such
   * line.
   */
  private until(at: number, from: number, mark: string): number {
    let depth = 0;
    let quote = "";
    for (let count = 1; count <= MAX_LINES; count++) {
      const line = this.next(at, count);
      if (line === null) return 1;
      for (const [character] of (count === 1 ? line.slice(from) : line).matchAll(MARKS)) {
        if (quote !== "") quote = character === quote ? "" : quote;
        else if (QUOTES.has(character)) quote = character;
        else if (OPENING.has(character)) depth++;
        else if (CLOSING.has(character)) depth = Math.max(0, depth - 1);
        else if (depth > 0) continue;
        else if (character === mark) return count;
        // A tag contains no other tag between its attributes.
        else if (mark === ">" && character === "<") return 1;
      }
      if (mark === "" && quote === "" && depth === 0) return count;
    }
    return 1;
  }
}
