import { posix } from "node:path";
import type { Root } from "mdast";
import { fileAddress } from "../addresses.ts";
import { GOLDMARK } from "../anchors.ts";
import type { Page } from "../page.ts";
import { MAX_PAGE_BYTES } from "../sourceFile.ts";
import { asciidoc } from "./asciidoc.ts";
import { docusaurus } from "./docusaurus.ts";
import type { Format, Language, Publishing, Tree } from "./format.ts";
import { html } from "./html.ts";
import { hugo } from "./hugo.ts";
import { jekyll } from "./jekyll.ts";
import { markdownWith } from "./markdown/language.ts";
import { markdown } from "./markdown.ts";
import { mdbook } from "./mdbook.ts";
import { mkdocs } from "./mkdocs.ts";
import { myst } from "./myst.ts";
import { notebook } from "./notebook.ts";
import { openapi } from "./openapi.ts";
import { text } from "./text.ts";

/**
 * All documentation formats. If two rules match a line, the earlier row wins. MyST's directives precede the fences and
 * colons they resemble, and plain Markdown comes after all other Markdown.
 */
export const FORMATS: readonly Format[] = [
  docusaurus,
  myst,
  mdbook,
  mkdocs,
  hugo,
  jekyll,
  markdown,
  notebook,
  openapi,
  html,
  text,
  asciidoc,
];

/** The markup languages: Markdown with every generator's marks, and the formats that are not Markdown. */
const MARKDOWN = markdownWith(FORMATS.flatMap(({ dialect }) => dialect ?? []));
const LANGUAGES: readonly Language[] = [MARKDOWN, ...FORMATS.flatMap(({ language }) => language ?? [])];
/** Plain texts of a built site, and pages of other languages, for each of its own pages. */
const MAX_TEXTS = 2;
const MAX_OTHERS = 1 / 20;
const CONFIG_FILES = new Set(FORMATS.flatMap(({ configFiles }) => configFiles ?? []));

/** File name extensions of pages, in the order that links without an extension try them. */
export const EXTENSIONS: readonly string[] = LANGUAGES.flatMap(({ extensions }) => extensions);

/** Bytes at the beginning of a file that mostly show whether its content makes it a page. */
export const BEGINNING_BYTES = 4_096;
/** The expressions that git looks for (`ContentRule.mark`), and in files with which extensions. */
export const CONTENT_MARKS: readonly { extensions: readonly string[]; mark: string }[] = LANGUAGES.flatMap(
  ({ extensions, byContent }) => (byContent ? [{ extensions, mark: byContent.mark }] : []),
);

/** Languages with files that only their pages show, and a reader of such files. */
const WITH_PARTS = FORMATS.flatMap(({ language, parts }) =>
  language && parts ? [{ language, parts, reader: { extensions: [], read: parts.read, parse: emptyRoot } }] : [],
);

/**
 * True for a page file of any format, and for a file that pages may include. A file of `isByContent` is one only if
 * `claims` says so.
 */
export function isPage(path: string): boolean {
  return isPageOnItsOwn(path) || WITH_PARTS.some(({ parts }) => parts.isPart(path));
}

function isPageOnItsOwn(path: string): boolean {
  if (isByContent(path) && isConfigFile(path)) return false;
  const { extensions, companion, built } = languageOf(path);
  if (!extensions.some((extension) => path.toLowerCase().endsWith(`.${extension}`))) return false;
  return companion?.(posix.basename(path)) ?? built?.(path) ?? true;
}

/** True if a file's content says whether it is a page. */
export function isByContent(path: string): boolean {
  return languageOf(path).byContent !== undefined;
}

/** Whether a file of `isByContent` is a page, from its beginning; null if more of it is needed to tell. */
export function claims(path: string, beginning: Uint8Array): boolean | null {
  return languageOf(path).byContent?.claims(Buffer.from(beginning).toString("utf8")) ?? null;
}

/** Largest page file that is read, in bytes. */
export function maxBytesOf(path: string): number {
  return languageOf(path).maxBytes ?? MAX_PAGE_BYTES;
}

/** True for a page of a language that is docs only beside others. */
export function isText(path: string): boolean {
  return languageOf(path).companion !== undefined;
}

/** True for a page that a generator writes, read only from a built site. */
export function isBuilt(path: string): boolean {
  return languageOf(path).built !== undefined;
}

/**
 * The pages without those that are docs only beside others (`Language.companion`) and have none beside them, without
 * built pages (`Language.built`) of a source that is no built site, and without included files that no page of the
 * source can include.
 */
export function pagesAmong<T extends { path: string }>(files: T[]): T[] {
  const languages = new Set(files.map(({ path }) => languageOf(path)));
  const including = WITH_PARTS.filter(({ language }) => languages.has(language));
  const isPart = (path: string) => including.some(({ parts }) => parts.isPart(path));
  const named = withoutStray(files.filter(({ path }) => !isPart(path) && isPageOnItsOwn(path)));
  const isAlone = (path: string) => isPart(path) || !isText(path);
  const kept = new Set(named);
  const found = files.filter((file) => kept.has(file) || isPart(file.path));
  const others = found.filter(({ path }) => isAlone(path) && !isByContent(path));
  if (others.length === 0) return found;
  const folders = new Set(others.map(({ path }) => posix.dirname(path)));
  return found.filter(({ path }) => isAlone(path) || folders.has(posix.dirname(path)));
}

/** The pages of a built site without the texts they were made from; those of other sources without built pages. */
function withoutStray<T extends { path: string }>(files: T[]): T[] {
  if (!isBuiltSite(files)) return files.filter(({ path }) => !isBuilt(path));
  const stem = (path: string) => path.slice(0, path.length - posix.extname(path).length);
  const built = new Set(files.flatMap(({ path }) => (isBuilt(path) ? stem(path) : [])));
  return files.filter(({ path }) => !isText(path) || !built.has(stem(path)));
}

/** True if built pages are what a source is made of: it has few or no other pages, and few plain texts. */
function isBuiltSite(files: readonly { path: string }[]): boolean {
  const built = files.filter(({ path }) => isBuilt(path));
  const texts = files.filter(({ path }) => isText(path));
  const others = files.filter(({ path }) => !isBuilt(path) && !isText(path) && !isByContent(path)).length;
  if (others === 0) return texts.length <= built.length * MAX_TEXTS;
  return others <= built.length * MAX_OTHERS && built.some(({ path }) => /^index\./i.test(posix.basename(path)));
}

/** The markup language of a page's file; Markdown if no other format claims it. */
export function languageOf(path: string): Language {
  const extension = posix.extname(path).slice(1).toLowerCase();
  const named = LANGUAGES.find(({ extensions }) => extensions.includes(extension));
  if (named && !named.byContent) return named;
  return WITH_PARTS.find(({ parts }) => parts.isPart(path))?.reader ?? named ?? MARKDOWN;
}

function emptyRoot(): Root {
  return { type: "root", children: [] };
}

/** The pages that are shown only inside others. */
export function partsAmong(pages: readonly Page[]): ReadonlySet<Page> {
  return new Set(WITH_PARTS.flatMap(({ parts }) => [...parts.among(pages)]));
}

/**
 * True if a format's page rules apply to a page. Those of a Markdown generator apply to all Markdown, those of a
 * language to its own pages.
 */
export function reads({ language = MARKDOWN }: Format, { path }: Page): boolean {
  return languageOf(path) === language;
}

/** True for a generator's configuration file. */
export function isConfigFile(path: string): boolean {
  return CONFIG_FILES.has(posix.basename(path));
}

/** How the generators detected in a tree publish it. */
export function publishingOf(tree: Tree): Required<Pick<Publishing, "anchors" | "address">> {
  const found = FORMATS.flatMap(({ publishing }) => (publishing?.detect(tree) ? publishing : []));
  const anchors = found.find((publishing) => publishing.anchors)?.anchors ?? GOLDMARK;
  const address = found.find((publishing) => publishing.address)?.address ?? fileAddress;
  return { anchors, address };
}
