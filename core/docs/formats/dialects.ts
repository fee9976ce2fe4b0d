import { fenceInfo, LONG_FENCE } from "../fences.ts";
import { labelOf } from "../labels.ts";
import { joined, Statements } from "../statements.ts";
import { OpenComponents, type PageTags, tagsOf } from "./components.ts";
import { CONTAINERS, columnOf, IndentedCode, insideOf } from "./containers.ts";
import { plainMarks } from "./dialectMarks.ts";
import { closesFence, type Directive, directiveAt } from "./myst.ts";

/** An admonition or tab of MkDocs that is open: what it holds stands four columns further right. */
interface Indented {
  column: number;
  /** Not seen by a reader: options of a plug-in. */
  hidden: boolean;
}

const FENCE = new RegExp(`^(${CONTAINERS})(\`{3,}|~{3,})(.*)$`);
/** Jekyll's code. */
const HIGHLIGHT = /^(\s*)\{%-?\s*highlight\s+([\w+#-]+)[^%]*%\}\s*$/;
const END_HIGHLIGHT = /^\s*\{%-?\s*endhighlight\s*-?%\}\s*$/;
const LIQUID_RAW = /\{%-?\s*(?:end)?raw\s*-?%\}/g;
const MKDOCS_BLOCK = /^(\s*)(?:!!!|\?\?\?\+?|===[!+]?) ?([\w-]+(?: [\w-]+)*)?\s*(?:"([^"]*)")?\s*$/;
const COLONS = /^(\s*):{3,}\s*(?:\{([^}]*)\}|([\w.-]*))\s*(?:\[([^\]]*)\]|(.*?))\s*(?:\{[^}]*\})?\s*$/;
const QUARTO_CALLOUT = /(?:^|\s)\.callout-([a-z]+)/;
/** Between two cells of a MyST notebook, with what its editor notes. */
const CELL_BREAK = /^\+{3}(?:\s*\{.*\})?\s*$/;
const SLASHES = /^(\s*)\/{3,}(?:\s*([\w-]+)\s*(?:\|\s*(.*?))?)?\s*$/;
const ALERT = /^(\s*(?:>\s*)+)\[!(\w+)\]\s*(.*)$/;
/** A dotted name of code that a plug-in documents there. */
const DOTTED = /^[A-Za-z_]\w*(?:\.\w+)+$/;
/** Blocks whose kind says nothing to a reader. */
const UNNAMED = new Set(["code-group", "tabs", "tab", "html", "v-pre", "raw", "cards", "grid", "div"]);
const INDENT = 4;
const NO_TAGS = tagsOf("");
/** Right below a paragraph it makes that a heading. */
const UNDERLINE = /^((?:[ \t]*>)*[ \t]*)(-+|=+)[ \t]*$/;

/**
 * Markdown dialects of documentation generators as plain Markdown: admonitions and tabs of MkDocs (`!!!`, `===`), of
 * Docusaurus and VitePress (`:::`), of pymdownx (`///`), GitHub's alerts, directives of MyST, Jekyll's code, and marks
 * inside lines. Code stays as it is, and so does the number of every line.
 */
export function plainMarkdown(body: string): string {
  const lines = body.split("\n");
  const reader = new DialectReader(lines, body);
  const plain: string[] = [];
  while (plain.length < lines.length) plain.push(...reader.read(plain.length));
  return plain.join("\n");
}

/** Code that is open. */
interface OpenCode {
  /** False for a line outside the quote or list item that the code stands in. */
  holds?(line: string): boolean;
  closes(line: string): boolean;
  /** What ends it in plain Markdown, where its own last line does not. */
  end?: string;
}

class DialectReader {
  private readonly open: Indented[] = [];
  private code: OpenCode | null = null;
  private readonly indented = new IndentedCode();
  private readonly tags: PageTags;
  private readonly components: OpenComponents;
  private readonly statements: Statements;
  /** True below a label, which is a paragraph of its own. */
  private belowLabel = false;
  /** Fences of directives that hold Markdown. */
  private readonly boxes: string[] = [];
  /** Lines of `///` are comments of some languages: they are blocks where one of them is closed. */
  private readonly hasSlashes: boolean;
  private readonly lastHighlight: number;

  constructor(
    private readonly lines: string[],
    body: string,
  ) {
    this.hasSlashes = /^\s*\/{3,}\s*$/m.test(body);
    this.tags = tagsOf(body);
    this.components = new OpenComponents(this.tags);
    this.statements = new Statements(lines);
    this.lastHighlight = lines.findLastIndex((line) => END_HIGHLIGHT.test(line));
  }

  /** What stands for line `at`, and for the lines below it that belong to it; as many lines. */
  read(at: number): string[] {
    const raw = this.lines[at]!;
    if (this.code?.holds?.(this.dedented(raw)) === false) this.code = null;
    if (this.code === null) this.leave(raw);
    const line = this.dedented(raw);
    if (this.open.some(({ hidden }) => hidden)) return [""];
    if (this.code !== null) return [this.codeLine(line, this.code)];
    const underlined = this.belowLabel ? UNDERLINE.exec(line) : null;
    this.belowLabel = false;
    if (underlined) return [`${underlined[1]}${underlined[2]!.startsWith("---") ? "***" : `\\${underlined[2]}`}`];
    // Between components, indentation is only for the eye.
    if (this.indented.holds(line) && !this.components.any) return [line];
    if (CELL_BREAK.test(line)) return [""];
    const box = this.boxes.at(-1);
    if (box !== undefined && closesFence(line, box)) {
      this.boxes.pop();
      return [""];
    }
    const directive = directiveAt(this.lines, at, line);
    if (directive) return this.directive(directive);
    const opened = this.openedCode(line, at) ?? this.labelLine(line);
    return opened === null ? this.marked(line, at) : [opened];
  }

  /** A line without its marks, with the lines below it where they are one tag or statement. */
  private marked(line: string, at: number): string[] {
    const count = this.statements.count(at);
    const whole = count > 1 ? joined([line, ...this.lines.slice(at + 1, at + count)]) : line;
    this.components.see(whole);
    const plain = plainMarks(whole, this.tags);
    if (count > 1 && plain === whole) return [plainMarks(line, this.tags)];
    return [plain, ...Array<string>(count - 1).fill("")];
  }

  private codeLine(line: string, { closes, end }: OpenCode): string {
    if (!closes(line)) return end === undefined ? line : line.replace(LIQUID_RAW, "");
    this.code = null;
    return end ?? line;
  }

  private openedCode(line: string, at: number): string | null {
    const fence = FENCE.exec(line);
    if (fence && !(fence[2]!.startsWith("`") && fence[3]!.includes("`"))) {
      const inside = insideOf(fence[1]!);
      const closes = (other: string) => closesFence(inside(other) ?? "", fence[2]!);
      this.code = { holds: (other) => inside(other) !== null, closes };
      return `${fence[1]}${fence[2]}${fenceInfo(fence[3]!)}`;
    }
    const highlight = at < this.lastHighlight ? HIGHLIGHT.exec(line) : null;
    if (!highlight) return null;
    this.code = { closes: (other) => END_HIGHLIGHT.test(other), end: `${highlight[1]}${LONG_FENCE}` };
    return `${highlight[1]}${LONG_FENCE}${highlight[2]}`;
  }

  private directive({ shown, box, fence }: Directive): string[] {
    // Blocks between colons need no account: each `:::` is left out by itself.
    if (box?.startsWith(":") === false) this.boxes.push(box);
    const indent = /^\s*/.exec(shown.at(-1)!)![0];
    this.belowLabel = box !== null && shown.at(-1)!.trim() !== "";
    if (box === null && fence !== "")
      this.code = { closes: (line) => closesFence(line, fence), end: `${indent}${LONG_FENCE}` };
    return shown;
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

  private labelLine(line: string): string | null {
    const label = this.block(line);
    this.belowLabel = label !== null && label.trim() !== "";
    return label;
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

  private colonBlock([, indent = "", braced = "", kind = "", bracketed, title]: RegExpExecArray): string {
    const callout = QUARTO_CALLOUT.exec(braced)?.[1];
    if (callout) return labelled(indent, callout, /\btitle="([^"]*)"/.exec(braced)?.[1]);
    if (DOTTED.test(kind)) {
      this.open.push({ column: columnOf(indent) + this.open.length * INDENT, hidden: true });
      return `${indent}(reference: ${kind})`;
    }
    return kind === "" ? "" : labelled(indent, kind, bracketed ?? title);
  }
}

/** The title of a block in bold, else its kind: "Note:". */
function labelled(indent: string, kind: string, title: string | undefined): string {
  const given = plainMarks(title?.trim() ?? "", NO_TAGS).trim();
  if (given !== "") return `${indent}${labelOf(given)}`;
  if (title === "" && kind === "") return "";
  if (UNNAMED.has(kind) || kind === "") return "";
  return `${indent}${labelOf(kind[0]!.toUpperCase() + kind.slice(1).replace(/-/g, " "))}`;
}
