import type { Root } from "mdast";
import type { AnchorStyle } from "../anchors.ts";
import type { FrontMatter } from "../frontMatter.ts";
import type { Page } from "../page.ts";
import type { OpenDialect } from "./dialect.ts";

/**
 * A documentation format: one generator of Markdown pages, or one markup language. Every member but the name is
 * optional. To add a format, export its `Format` from a file here, add a row to `index.ts`, and put a sample named
 * after it under `testing/samples/`. The conformance suite runs on the sample.
 *
 * @example a generator whose table-of-contents line shows nothing
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

  /** Marks of a Markdown generator. They apply to every Markdown page, whichever generator publishes it. */
  readonly dialect?: OpenDialect;
  /** Reader of a markup language other than Markdown. No dialect applies to its pages. */
  readonly language?: Language;

  /** Files that are no pages but that pages of the language refer to. */
  readonly parts?: Parts;

  /** True for front matter of an unpublished page. */
  isDraft?(data: FrontMatterData): boolean;
  /** Text of the front matter that the published page shows beside its description; "" for none. */
  frontText?(data: FrontMatterData): string;
  /** Prepares a tree for `expand`, which replaces marks that refer to other pages. */
  expander?(pages: readonly Page[]): Expander;

  /**
   * A page's path if its front matter fixes all of it; otherwise null. Called for every page before `publishing`.
   *
   * @param below strips the docs' own address from a path that starts at the site's root; null if the path lies outside
   */
  fixedAddress?(page: Page, below: (path: string) => string | null): string | null;
  /** Other paths of a page, from the site's root, that links may use. */
  aliases?(data: FrontMatterData): string[];
  /** Absolute address that a page of the language states for itself; "" for none. `--base-url` overrides it. */
  canonical?(data: FrontMatterData): string;
  /**
   * All pages of the source, in which those of the format (`isOwn`) have what depends on other files, such as titles
   * without the site's name.
   */
  settled?(pages: readonly Page[], isOwn: (page: Page) => boolean): Page[];
  /** Converts a link into an address inside the docs, if the format knows their published address. */
  link?(url: string): string;

  /**
   * Files beside or above the pages that identify the generator. They enter a corpus's digest, so only formats with
   * `publishing` have them.
   */
  readonly configFiles?: readonly string[];
  /** How the generator publishes a tree. Each member comes from the first detected format that has it. */
  readonly publishing?: Publishing;
}

export type FrontMatterData = Record<string, unknown>;

/** Reads the pages of one markup language. Keeps positions: line n of `body` is line n + `offset` of the file. */
export interface Language {
  /** File name extensions, lower case, without a dot. */
  readonly extensions: readonly string[];
  /**
   * True if the file is data that holds the text, such as JSON. Its own lines may have any length, and a broken file is
   * refused as a whole. `read` checks the text in it by `excess`.
   */
  readonly encoded?: boolean;
  /** Largest file that is read, in bytes. Default: `MAX_PAGE_BYTES`. */
  readonly maxBytes?: number;
  /** Set if a file's content says whether it is docs, not its name. */
  readonly byContent?: ContentRule;
  /** False if an address of a page has no fragments. */
  readonly fragments?: false;
  /**
   * Set if a file may have the extension without being docs. True for the name of one that may be. It is read if its
   * folder holds a page of another language, or if the source holds none.
   */
  companion?(name: string): boolean;
  /**
   * Set if a generator writes the files. True for the path of one that may be a page, false for indexes and the like.
   * They are read if the source is a built site: see `pagesAmong`.
   */
  built?(path: string): boolean;
  /** Encoding of a file without a byte order mark if it is not UTF-8, by its WHATWG name; otherwise null. */
  charset?(bytes: Buffer): string | null;
  /**
   * Front matter and body of a decoded page, the reason it cannot be read, or null for one that only leads to other
   * pages. `data.title` and `data.description` are shown.
   */
  read(text: string): FrontMatter | { reason: string } | null;
  /**
   * Syntax tree of a body after expansion, with positions. A heading that ends with `{#x}` has the anchor `x`; others
   * get theirs from `Publishing.anchors`.
   */
  parse(body: string): Root;
}

/** How a language claims files of an extension that other files have too. */
export interface ContentRule {
  /** Whether a file is docs, from its beginning; null if more of it is needed to tell. */
  claims(beginning: string): boolean | null;
  /** POSIX extended expression that occurs in every such file, for git to list those worth reading. */
  readonly mark: string;
}

/** Files of a language that are shown only inside pages, such as included text. */
export interface Parts {
  /** True for a file that is read for the pages' sake, where the source holds a page of the language. */
  isPart(path: string): boolean;
  /** Data and text of such a file, if no language reads its extension. */
  read(text: string): FrontMatter;
  /** The pages among these that are not published on their own. They stay known to `expander`. */
  among(pages: readonly Page[]): ReadonlySet<Page>;
}

/** How a generator publishes a tree that `detect` accepts. */
export interface Publishing {
  detect(tree: Tree): boolean;
  /** Style of anchors. Default: `GOLDMARK`. */
  readonly anchors?: AnchorStyle;
  /** Path of a page below the docs' address, from its file and front matter. Default: `fileAddress`. */
  address?(page: Page, pageAt: (path: string) => Page | undefined): string;
}

/** A whole docs tree. */
export interface Tree {
  readonly pages: readonly Page[];
  /** Name of the format whose configuration lies beside or above the pages; null for none. */
  readonly generator: string | null;
}

/** Replaces marks in a body that refer to other pages; same line numbers. */
export type Expander = (body: string, expansion: Expansion) => string;

/** Access to the docs during the expansion of one page. */
export interface Expansion {
  readonly page: Page;
  /** A page by its path below the docs root. */
  pageAt(path: string): Page | undefined;
  /** Another page, to include in this one; null if includes nest too deeply or have grown too long. */
  insert(page: Page | undefined): Inserted | null;
  /** Counts, by name, a mark whose text is not in the docs. */
  missing(name: string): void;
}

/** A page included in another: Markdown on one line, so that it moves no line number. */
export interface Inserted {
  /** The text up to `<!--more-->`. */
  short: string;
  all: string;
}
