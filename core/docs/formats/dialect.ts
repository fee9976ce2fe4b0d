/** A Markdown page as a dialect sees it: each rule is asked about one line, but may look at all of them. */
export interface MarkdownPage {
  /** Text after the front matter. */
  readonly body: string;
  readonly lines: readonly string[];
  /** A title that stands by itself, without the marks of any dialect. */
  plain(title: string): string;
}

/** A code block that is open. */
export interface OpenCode {
  /** False for a line outside the quote or list item that the code stands in, which ends it. */
  holds?(line: string): boolean;
  /** True for the line that ends it. */
  closes(line: string): boolean;
  /** The fence that ends it in plain Markdown, where its own last line is none. */
  end?: string;
}

/** What a rule makes of the line that opens a block. */
export interface Block {
  /**
   * Plain Markdown for the line, and for the lines below that belong to it; exactly as many lines. The last one, unless
   * it is blank or opens code, is a label: a paragraph of its own, which no line of dashes below turns into a heading.
   */
  shown: string[];
  /** Where the block holds code. */
  code?: OpenCode;
  /** Where the block holds Markdown, and its end would otherwise open code: its fence. */
  box?: string;
  /** Where the block holds the lines indented by four columns below `column`; `hidden` ones are not shown to a reader. */
  indented?: { column: number; hidden: boolean };
}

/**
 * What a documentation generator adds to Markdown. The reader asks all dialects about every page, in the order of the
 * table, so each rule must recognise its own marks: Markdown without them stays as it is. No rule sees a line of code.
 *
 * @example
 * const page: Dialect = { wholeLine: (line) => (line.trim() === "[[index]]" ? "" : null) };
 */
export interface Dialect {
  /** The block that a line opens; null where the line opens none. The first dialect that answers counts. */
  opens?(line: string, at: number): Block | null;
  /** A line of code inside a block that got a fence of the reader's (`OpenCode.end`), without this dialect's marks. */
  fenced?(line: string): string;
  /** The line at `at` with the lines below that are read as one with it; null where it stands by itself. */
  joins?(line: string, at: number): { whole: string; count: number } | null;
  /** Follows the lines of text from top to bottom, each before its marks are read. */
  follows?(line: string): void;
  /** True while indentation is only for the eye and makes no code. */
  ignoresIndent?(): boolean;
  /** What a line shows that is one mark as a whole, "" for nothing; null for any other line. */
  wholeLine?(line: string): string | null;
  /** A line with its code spans. Most marks belong into `text`, which sees no code. */
  line?(line: string, isHeading: boolean): string;
  /** Text between code spans, without this dialect's marks. */
  text?(text: string): string;
  /** The same, after every `text`, for tags such as `<Badge/>`. What a tag shows in a heading is no part of its anchor. */
  tags?(text: string, of: "page" | "anchor"): string;
}

/** Makes a dialect's rules for one page, so that what they remember ends with it. */
export type OpenDialect = (page: MarkdownPage) => Dialect;
