import { closesFence } from "../../text/code.ts";
import type { Block, Dialect, MarkdownPage, OpenCode, OpenDialect } from "../dialect.ts";
import { columnOf, IndentedCode } from "./containers.ts";
import { plainMarks } from "./marks.ts";

/** An open block that holds lines indented by four columns, such as an admonition of MkDocs. */
interface Indented {
  column: number;
  /** Not visible to readers: options of a plug-in. */
  hidden: boolean;
}

const INDENT = 4;
/** Turns the paragraph directly above into a heading. */
const UNDERLINE = /^((?:[ \t]*>)*[ \t]*)(-+|=+)[ \t]*$/;

/**
 * Converts the Markdown of documentation generators to plain Markdown. Blocks and marks inside lines become the text
 * readers see. Code and line numbers stay.
 */
export function plainMarkdown(body: string, dialects: readonly OpenDialect[]): string {
  const { page, opened } = openPage(body, dialects);
  const reader = new MarkdownReader(page, opened);
  const plain: string[] = [];
  while (plain.length < page.lines.length) plain.push(...reader.read(plain.length));
  return plain.join("\n");
}

function openPage(body: string, dialects: readonly OpenDialect[]): { page: MarkdownPage; opened: Dialect[] } {
  let ofTitles: Dialect[] | undefined;
  const page: MarkdownPage = {
    body,
    lines: body.split("\n"),
    plain(title) {
      ofTitles ??= openPage("", dialects).opened;
      return plainMarks(title, ofTitles);
    },
  };
  return { page, opened: dialects.map((open) => open(page)) };
}

class MarkdownReader {
  private readonly open: Indented[] = [];
  private code: OpenCode | null = null;
  private readonly indented = new IndentedCode();
  /** True below a label, which is a separate paragraph. */
  private belowLabel = false;
  /** Fences of blocks that hold Markdown. */
  private readonly boxes: string[] = [];

  constructor(
    private readonly page: MarkdownPage,
    private readonly dialects: readonly Dialect[],
  ) {}

  /** Replaces line `at` and the lines below that belong to it; as many lines. */
  read(at: number): string[] {
    const raw = this.page.lines[at]!;
    if (this.code?.holds?.(this.dedented(raw)) === false) this.code = null;
    if (this.code === null) this.leave(raw);
    const line = this.dedented(raw);
    if (this.open.some(({ hidden }) => hidden)) return [""];
    if (this.code !== null) return [this.codeLine(line, this.code)];
    const underlined = this.belowLabel ? UNDERLINE.exec(line) : null;
    this.belowLabel = false;
    if (underlined) return [`${underlined[1]}${underlined[2]!.startsWith("---") ? "***" : `\\${underlined[2]}`}`];
    if (this.indented.holds(line) && !this.dialects.some((dialect) => dialect.ignoresIndent?.())) return [line];
    const box = this.boxes.at(-1);
    if (box !== undefined && closesFence(line, box)) {
      this.boxes.pop();
      return [""];
    }
    for (const dialect of this.dialects) {
      const block = dialect.opens?.(line, at);
      if (block) return this.enter(block);
    }
    return this.marked(line, at);
  }

  /** A line without its marks, joined with the lines below if they form one tag or statement. */
  private marked(line: string, at: number): string[] {
    const { whole, count } = this.joined(line, at);
    for (const dialect of this.dialects) dialect.follows?.(whole);
    const plain = plainMarks(whole, this.dialects);
    if (count > 1 && plain === whole) return [plainMarks(line, this.dialects)];
    return [plain, ...Array<string>(count - 1).fill("")];
  }

  private joined(line: string, at: number): { whole: string; count: number } {
    for (const dialect of this.dialects) {
      const joined = dialect.joins?.(line, at);
      if (joined) return joined;
    }
    return { whole: line, count: 1 };
  }

  private codeLine(line: string, { closes, end }: OpenCode): string {
    if (closes(line)) {
      this.code = null;
      return end ?? line;
    }
    if (end === undefined) return line;
    return this.dialects.reduce((text, dialect) => dialect.fenced?.(text) ?? text, line);
  }

  private enter({ shown, code, box, indented }: Block): string[] {
    if (code) this.code = code;
    if (box !== undefined) this.boxes.push(box);
    if (indented) this.open.push({ ...indented, column: indented.column + this.open.length * INDENT });
    this.belowLabel = !code && shown.at(-1)!.trim() !== "";
    return shown;
  }

  /** Ends the block at a line further left than the block. */
  private leave(line: string): void {
    if (line.trim() === "") return;
    const column = columnOf(line);
    while (this.open.length > 0 && column < this.open.at(-1)!.column + INDENT) this.open.pop();
  }

  private dedented(line: string): string {
    const shift = Math.min(columnOf(line), this.open.length * INDENT);
    return shift === 0 ? line : line.replace(/^\s+/, " ".repeat(columnOf(line) - shift));
  }
}
