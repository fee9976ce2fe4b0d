/** A Markdown page for a dialect: each rule handles one line, but may read all of them. */
export interface MarkdownPage {
  /** Text after the front matter. */
  readonly body: string;
  readonly lines: readonly string[];
  /** A title on its own, without the marks of any dialect. */
  plain(title: string): string;
}

/** An open code block. */
export interface OpenCode {
  /** False for a line outside the quote or list item that contains the code. Such a line ends it. */
  holds?(line: string): boolean;
  /** True for the block's last line. */
  closes(line: string): boolean;
  /** Fence that ends the block in plain Markdown, if its own last line does not. */
  end?: string;
}

/** Replacement for the line that opens a block. */
export interface Block {
  /**
   * Plain Markdown for the line and for the lines below that belong to it; exactly as many lines. The last one, unless
   * it is blank or opens code, is a label: a separate paragraph, which no line of dashes below turns into a heading.
   */
  shown: string[];
  /** Set if the block holds code. */
  code?: OpenCode;
  /** Fence of a block that holds Markdown, if its end would otherwise open code. */
  box?: string;
  /**
   * Set if the block holds the lines indented at least four columns right of `column`. Readers do not see `hidden`
   * lines.
   */
  indented?: { column: number; hidden: boolean };
}

/**
 * A documentation generator's additions to Markdown. The reader runs all dialects on every page, in the order of the
 * table. So each rule must recognise its own marks and leave other Markdown unchanged. Rules never receive a line of
 * code.
 *
 * @example
 * const page: Dialect = { wholeLine: (line) => (line.trim() === "[[index]]" ? "" : null) };
 */
export interface Dialect {
  /** The block that a line opens; null if it opens none. The first dialect that returns a block wins. */
  opens?(line: string, at: number): Block | null;
  /** A line of code without this dialect's marks, inside a block fenced by the reader (`OpenCode.end`). */
  fenced?(line: string): string;
  /** The line at `at` joined with the lines below that belong to it; null for a separate line. */
  joins?(line: string, at: number): { whole: string; count: number } | null;
  /** Receives the lines of text from top to bottom, each before its marks are read. */
  follows?(line: string): void;
  /** True while indentation is only visual and makes no code. */
  ignoresIndent?(): boolean;
  /** Text of a line that is a single mark, "" for none; null for any other line. */
  wholeLine?(line: string): string | null;
  /** A line with its code spans. Most marks belong in `text`, which receives no code. */
  line?(line: string, isHeading: boolean): string;
  /** Text between code spans, without this dialect's marks. */
  text?(text: string): string;
  /**
   * Like `text`, but runs after every `text`, for tags such as `<Badge/>`. Text of a tag in a heading is not part of
   * its anchor.
   */
  tags?(text: string, of: "page" | "anchor"): string;
}

/** Creates a dialect's rules for one page, so that their state ends with it. */
export type OpenDialect = (page: MarkdownPage) => Dialect;
