import { type Attributes, enterAttribute, expanded } from "./attributes.ts";
import { attributesIn, type BlockAttributes } from "./macro.ts";
import { type IncludedFile, selectedLines } from "./selection.ts";

/** Access to the files of the docs. */
export interface Files {
  /** Path of the file that an include in `from` names; null if it leads outside the docs or names no file. */
  find(target: string, from: string): string | null;
  fileAt(path: string): IncludedFile;
}

const MAX_DEPTH = 16;
/** Characters that one page may include: nested includes can grow without bound. */
const MAX_INSERTED = 1_000_000;
/** An include that brings little still costs this many characters, which bounds their number. */
const LEAST_COST = 500;
/** Characters of files that the includes of one page may look through. */
const MAX_READ = 50_000_000;
/** Characters of a file that cost as much shared room as one that is inserted: most are only passed over. */
const LOOKED_THROUGH = 10;

const INCLUDE = /^include::([^\s[](?:[^[]*[^\s[])?)\[(.*)\]\s*$/;
const FENCE = /^(?:-{4,}|\.{4,}|\+{4,}|\/{4,}|```\S*)\s*$/;
/** Directives that code must show as they are. */
const DIRECTIVE = /^\\?(?:include|ifn?def|ifeval|endif)::/;
/** A directive whose lines up to `endif` are shown only if it holds. One with text in its brackets is alone. */
const CONDITIONAL = /^(?:ifn?def::[^\s[]+\[\]|ifeval::\[.+\])\s*$/;
/** Files that hold AsciiDoc where a page includes them. A `.asc` that none includes may be a key or a signature. */
export const ASCIIDOC = /\.(?:adoc|asciidoc|asc|ad)$/i;

/** Replaces the include directives of one page by the lines they name. */
export class Includes {
  /** Files whose whole text was inserted whatever attributes are set. A conditional may leave out the others. */
  readonly whole = new Set<string>();
  /** Number of includes whose text is not in the docs, or that are too large or too deep. */
  missing = 0;
  private room = MAX_INSERTED;
  private unread = MAX_READ;
  /** The files whose lines are being read, the page first. */
  private readonly open: string[] = [];
  /** The fence of the open block of code or comments. */
  private fence: string | null = null;
  private above = "";
  /** Conditionals open around the line. */
  private conditionals = 0;

  constructor(
    private readonly files: Files,
    private readonly attributes: Attributes,
    /** Room that the pages of a tree share. */
    private readonly shared = { left: Number.POSITIVE_INFINITY },
  ) {}

  /** Lines of the page at `path`; a list in place of each that includes others. */
  expanded(lines: readonly string[], path: string): (string | string[])[] {
    return this.within(path, () => lines.map((line) => this.line(line) ?? line));
  }

  /** The lines that a line stands for; null for itself. */
  private line(line: string): string[] | null {
    this.follow(line);
    if (CONDITIONAL.test(line)) this.conditionals += 1;
    else if (line.startsWith("endif::")) this.conditionals = Math.max(0, this.conditionals - 1);
    if (this.fence?.startsWith("/")) return null;
    if (this.fence === null) enterAttribute(line, this.attributes);
    const [, target, list = ""] = INCLUDE.exec(line) ?? [];
    return target === undefined ? null : this.included(target, list);
  }

  private follow(line: string): void {
    if (this.fence !== null) {
      if (line.trimEnd() === this.fence) this.fence = null;
    } else if (FENCE.test(line) && !underlines(line.trimEnd(), this.above))
      this.fence = line.startsWith("```") ? "```" : line.trimEnd();
    this.above = line;
  }

  private within<T>(path: string, read: () => T): T {
    const { conditionals } = this;
    this.open.push(path);
    const made = read();
    this.open.pop();
    this.conditionals = conditionals;
    return made;
  }

  private included(target: string, list: string): string[] {
    const named = expanded(target, this.attributes);
    const attributes = attributesIn(expanded(list, this.attributes));
    const path = this.files.find(named, this.open.at(-1)!);
    const isOptional = (attributes.get("opts") ?? attributes.get("options") ?? "").includes("optional");
    if (path === null && isOptional) return [];
    const lines = path === null || this.open.length > MAX_DEPTH ? null : this.linesOf(path, attributes);
    if (path !== null && lines !== null) return this.inserted(lines, path, attributes);
    this.missing += 1;
    return [`(included file: ${named})`];
  }

  /** The lines that an include names; null if they are too many, or the file is already open as a whole. */
  private linesOf(path: string, attributes: BlockAttributes): string[] | null {
    if (this.unread < 0 || this.shared.left < 0) return null;
    const file = this.files.fileAt(path);
    this.unread -= file.size;
    this.shared.left -= file.size / LOOKED_THROUGH;
    if (this.unread < 0) return null;
    const lines = selectedLines(file, attributes);
    const isWhole = lines.length === file.lines.length;
    const margin = marginOf(attributes.get("indent")) ?? 0;
    const cost = lines.reduce((sum, line) => sum + line.length + margin + 1, LEAST_COST);
    if (cost > this.room || (isWhole && this.open.includes(path))) return null;
    this.room -= cost;
    this.shared.left -= cost;
    if (isWhole && this.conditionals === 0) this.whole.add(path);
    return indented(lines, attributes.get("indent"));
  }

  private inserted(lines: string[], path: string, attributes: BlockAttributes): string[] {
    if (!ASCIIDOC.test(path)) return lines.map((line) => (DIRECTIVE.test(line) ? `\\${line}` : line));
    const before = this.attributes.get("leveloffset");
    const offset = /^[+-]?\d{1,2}$/.exec(attributes.get("leveloffset") ?? "")?.[0];
    if (offset) enterAttribute(`:leveloffset: ${offset}`, this.attributes);
    const inside = this.within(path, () => lines.flatMap((line) => this.line(line) ?? [line]));
    return offset ? this.shifted(inside, offset, before ?? null) : inside;
  }

  /** Lines whose sections stand `offset` levels deeper. */
  private shifted(lines: string[], offset: string, before: string | null): string[] {
    const back = /^[+-]/.test(offset)
      ? offset.startsWith("-")
        ? `+${offset.slice(1)}`
        : `-${offset.slice(1)}`
      : before;
    if (before === null) this.attributes.delete("leveloffset");
    else this.attributes.set("leveloffset", before);
    const restore = back === null ? ":!leveloffset:" : `:leveloffset: ${back}`;
    return ["", `:leveloffset: ${offset}`, "", ...lines, "", restore, ""];
  }
}

/** True for the marks below a title, which are as long as the title. */
function underlines(marks: string, above: string): boolean {
  return /^[-+]/.test(marks) && /^[\p{L}\p{N}]/u.test(above) && Math.abs(marks.length - above.trimEnd().length) <= 1;
}

/** Lines with the indentation they share replaced by `columns` blanks. */
function indented(lines: string[], columns: string | undefined): string[] {
  const width = marginOf(columns);
  if (width === null) return lines;
  const widths = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const shared = widths.reduce((least, width) => Math.min(least, width), Number.POSITIVE_INFINITY);
  if (!Number.isFinite(shared)) return lines;
  const margin = " ".repeat(width);
  return lines.map((line) => (line.trim() === "" ? "" : margin + line.slice(shared)));
}

/** The columns that an include indents its lines by; null to leave them. */
function marginOf(columns: string | undefined): number | null {
  return columns !== undefined && /^\d{1,3}$/.test(columns) ? Number(columns) : null;
}
