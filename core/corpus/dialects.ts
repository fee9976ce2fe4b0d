import { plainMarks } from "./dialectMarks.ts";

/** An admonition or tab of MkDocs that is open: what it holds stands four columns further right. */
interface Indented {
  column: number;
  /** Not seen by a reader: options of a plug-in. */
  hidden: boolean;
}

const FENCE = /^(\s*)(`{3,}|~{3,})(.*)$/;
const MKDOCS_BLOCK = /^(\s*)(?:!!!|\?\?\?\+?|===[!+]?) ?([\w-]+(?: [\w-]+)*)?\s*(?:"([^"]*)")?\s*$/;
const COLONS = /^(\s*):{3,}\s*(?:\{([^}]*)\}|([\w.-]*))\s*(?:\[([^\]]*)\]|(.*?))\s*(?:\{[^}]*\})?\s*$/;
const SLASHES = /^(\s*)\/{3,}(?:\s*([\w-]+)\s*(?:\|\s*(.*?))?)?\s*$/;
const ALERT = /^(\s*(?:>\s*)+)\[!(\w+)\]\s*(.*)$/;
/** A dotted name of code that a plug-in documents there. */
const DOTTED = /^[A-Za-z_]\w*(?:\.\w+)+$/;
/** Blocks whose kind says nothing to a reader. */
const UNNAMED = new Set(["code-group", "tabs", "tab", "html", "v-pre", "raw", "cards", "grid", "div"]);
const INDENT = 4;

/**
 * Markdown dialects of documentation generators as plain Markdown: admonitions and tabs of MkDocs (`!!!`, `===`), of
 * Docusaurus and VitePress (`:::`), of pymdownx (`///`), GitHub's alerts, and marks inside lines. Code stays as it is,
 * and so does the number of every line.
 */
export function plainMarkdown(body: string): string {
  const reader = new DialectReader(body);
  return body
    .split("\n")
    .map((line) => reader.read(line))
    .join("\n");
}

class DialectReader {
  private readonly open: Indented[] = [];
  private fence: string | null = null;
  /** Lines of `///` are comments of some languages: they are blocks where one of them is closed. */
  private readonly hasSlashes: boolean;

  constructor(private readonly body: string) {
    this.hasSlashes = /^\s*\/{3,}\s*$/m.test(body);
  }

  read(raw: string): string {
    if (this.fence === null) this.leave(raw);
    const line = this.dedented(raw);
    if (this.open.some(({ hidden }) => hidden)) return "";
    const fence = FENCE.exec(line);
    if (this.fence !== null) {
      if (fence && fence[2]!.startsWith(this.fence) && fence[3]!.trim() === "") this.fence = null;
      return line;
    }
    if (fence && !(fence[2]!.startsWith("`") && fence[3]!.includes("`"))) {
      this.fence = fence[2]!;
      return `${fence[1]}${fence[2]}${languageOf(fence[3]!)}`;
    }
    return this.block(line) ?? plainMarks(line, this.body);
  }

  /** A line further left than its block ends the block. */
  private leave(line: string): void {
    if (line.trim() === "") return;
    const column = columnOf(line);
    while (this.open.length > 0 && column < this.open.at(-1)!.column + INDENT) this.open.pop();
  }

  private dedented(line: string): string {
    const shift = Math.min(columnOf(line), this.open.length * INDENT);
    return shift === 0 ? line : line.replace(/^\s+/, " ".repeat(columnOf(line) - shift));
  }

  private block(line: string): string | null {
    const mkdocs = MKDOCS_BLOCK.exec(line);
    const isTab = /^\s*=/.test(line);
    if (mkdocs && (isTab ? mkdocs[3] !== undefined : mkdocs[2])) {
      this.open.push({ column: columnOf(mkdocs[1]!) + this.open.length * INDENT, hidden: false });
      return labelled(mkdocs[1]!, mkdocs[2]?.split(" ")[0] ?? "", mkdocs[3]);
    }
    const colons = COLONS.exec(line);
    if (colons) return this.colonBlock(colons);
    const slashes = this.hasSlashes ? SLASHES.exec(line) : null;
    if (slashes) return slashes[2] ? labelled(slashes[1]!, slashes[2], slashes[3]) : "";
    const alert = ALERT.exec(line);
    return alert ? `${alert[1]}${labelled("", alert[2]!.toLowerCase(), alert[3])}` : null;
  }

  private colonBlock([, indent = "", , kind = "", bracketed, title]: RegExpExecArray): string {
    if (DOTTED.test(kind)) {
      this.open.push({ column: columnOf(indent) + this.open.length * INDENT, hidden: true });
      return `${indent}(reference: ${kind})`;
    }
    return kind === "" ? "" : labelled(indent, kind, bracketed ?? title);
  }
}

/** The title of a block in bold, else its kind: "Note:". */
function labelled(indent: string, kind: string, title: string | undefined): string {
  const given = plainMarks(title?.trim() ?? "", "").trim();
  if (given !== "") return `${indent}**${given.replace(/[:*]+$/, "")}:**`;
  if (title === "" && kind === "") return "";
  if (UNNAMED.has(kind) || kind === "") return "";
  return `${indent}**${kind[0]!.toUpperCase()}${kind.slice(1).replace(/-/g, " ")}:**`;
}

/** The language of a fence, without what a generator adds to it: titles, marked lines, line numbers. */
function languageOf(info: string): string {
  return /^\s*\{?\s*\.?([\w+#-]+)/.exec(info)?.[1] ?? "";
}

function columnOf(line: string): number {
  let column = 0;
  for (const character of line) {
    if (character === " ") column++;
    else if (character === "\t") column += INDENT - (column % INDENT);
    else break;
  }
  return column;
}
