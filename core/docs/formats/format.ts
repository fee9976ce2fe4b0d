import type { Root } from "mdast";
import type { AnchorStyle } from "../anchors.ts";
import type { FrontMatter } from "../frontMatter.ts";
import type { Page } from "../page.ts";
import type { OpenDialect } from "./dialect.ts";

/**
 * A documentation format: one generator of Markdown pages, or one markup language. Every member is optional but the
 * name; a format brings what it needs. To add one: a file here that exports its `Format`, a row in `index.ts`, and a
 * sample under `testing/samples/` named after it, on which the conformance suite runs.
 *
 * @example a generator with a line of its own that shows nothing
 * export const sphinxish: Format = {
 *   name: "sphinxish",
 *   dialect: () => ({ wholeLine: (line) => (line === "%%toc%%" ? "" : null) }),
 * };
 *
 * @example a markup language
 * export const asciidoc: Format = {
 *   name: "asciidoc",
 *   language: { extensions: ["adoc"], read: (text) => headerOf(text), parse: (body) => mdastOf(body) },
 * };
 */
export interface Format {
  /** Name of the format, and of the folder with its sample. */
  readonly name: string;

  /** For a generator of Markdown: its marks. They are read in every Markdown page, whoever publishes it. */
  readonly dialect?: OpenDialect;
  /** For a markup language other than Markdown: its pages are read by it alone, and by no dialect. */
  readonly language?: Language;

  /** True for front matter of a page that is not published. */
  isDraft?(data: FrontMatterData): boolean;
  /** Text that only the front matter holds and the published page shows, beside its description; "" for none. */
  frontText?(data: FrontMatterData): string;
  /** Opens a tree for `expand`, which takes the marks out of a page that stand for something of other pages. */
  expander?(pages: readonly Page[]): Expander;

  /**
   * Path of a page, where its front matter fixes the whole of it; null elsewhere. Asked of every page before `publishing`.
   *
   * @param below takes the docs' own address off a path that starts at the site's root; null where it lies outside
   */
  fixedAddress?(page: Page, below: (path: string) => string | null): string | null;
  /** Further paths of a page, from the site's root, that links may use. */
  aliases?(data: FrontMatterData): string[];
  /** A link's address as one inside the docs, where the format knows their published address. */
  link?(url: string): string;

  /** Files beside or above the pages that identify the generator. Only for a format with `publishing`: they are part of a corpus's digest. */
  readonly configFiles?: readonly string[];
  /** How the generator publishes a tree. Of the formats detected in a tree, the first that has a member brings it. */
  readonly publishing?: Publishing;
}

export type FrontMatterData = Record<string, unknown>;

/** Reads the pages of one markup language. Positions stay: line n of `body` is line n + `offset` of the file. */
export interface Language {
  /** Ends of file names, lower case, without a dot. */
  readonly extensions: readonly string[];
  /** Front matter and body of a decoded page, or why it cannot be read. `data.title` and `data.description` are shown. */
  read(text: string): FrontMatter | { reason: string };
  /**
   * Syntax tree of a body after expansion, with positions. A heading that ends with `{#x}` has `x` for its anchor;
   * others get theirs from `Publishing.anchors`.
   */
  parse(body: string): Root;
}

/** How a generator publishes the trees in which `detect` finds it. */
export interface Publishing {
  detect(tree: Tree): boolean;
  /** How it makes anchors. Default: `GOLDMARK`. */
  readonly anchors?: AnchorStyle;
  /** Path of a page below the docs' address, by its file and front matter. Default: `fileAddress`. */
  address?(page: Page): string;
}

/** A docs tree as a whole. */
export interface Tree {
  readonly pages: readonly Page[];
  /** Name of the format whose configuration lies beside or above the pages; null for none. */
  readonly generator: string | null;
}

/** Takes the marks out of a body that stand for something of other pages; same line numbers. */
export type Expander = (body: string, expansion: Expansion) => string;

/** The docs as the expansion of one page sees them. */
export interface Expansion {
  readonly page: Page;
  /** A page by its path below the docs root. */
  pageAt(path: string): Page | undefined;
  /** Another page, to stand inside this one; null where includes nest too deeply or have grown too long. */
  insert(page: Page | undefined): Inserted | null;
  /** Counts a mark whose text is not in the docs, by its name. */
  missing(name: string): void;
}

/** A page as it stands inside another: Markdown on one line, so that it moves no line number. */
export interface Inserted {
  /** Up to `<!--more-->`. */
  short: string;
  all: string;
}
