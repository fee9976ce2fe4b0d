import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bounded } from "../../bounded.ts";
import { type LinkRecord, linkRecords } from "../../links.ts";
import type { Page } from "../../page.ts";
import { type Quarantined, readPage, settledPages } from "../../pages.ts";
import { type PassageSizes, passagesOf } from "../../passages.ts";
import { Site } from "../../site.ts";
import { type DocsSource, readSource } from "../../source.ts";
import type { SourceFile } from "../../sourceFile.ts";

const SAMPLES = join(import.meta.dirname, "samples");
/** Small, in words, so that a passage spans few lines. */
const SIZES: PassageSizes = { passage: 24, window: 24 };

/**
 * Expected results of a format's sample, from `expected.json` beside the sample's pages in `samples/<format>/`. Words
 * of the sample that begin with `seen` are visible to readers; those that begin with `hidden` are not.
 */
export interface Expected {
  /** Page with all features of the format, by its path below the docs root. */
  page: string;
  /** Published address of the page if the docs are at `/docs/`. */
  url: string;
  /** Anchors of its sections in order; "" for text above the first heading. */
  anchors: string[];
  /** Links of the sample in order: their text, target page, and its heading. */
  links: [words: string, page: string, heading: string | null][];
}

export interface SampleTree extends DocsSource {
  expected: Expected;
}

/** Opens the sample of a format. */
export async function openSample(format: string): Promise<SampleTree> {
  const folder = join(SAMPLES, format);
  const expected: Expected = JSON.parse(await readFile(join(folder, "expected.json"), "utf8"));
  return { ...(await readSource(folder)), expected };
}

/** Ingest's result for a tree's pages, page by page. */
export function readTree({ files, generator }: Pick<DocsSource, "files" | "generator">) {
  const read = files.map(readPage);
  const pages = settledPages(read.filter((page): page is Page => page !== null && !("reason" in page)));
  const site = new Site(pages, "/docs/", generator);
  const made = site.published.map((page) => ({ page, ...passagesOf(page, site, wordsIn, SIZES) }));
  const headings = new Map(
    made.flatMap(({ page: { path }, sections }) =>
      sections.map(({ anchor, heading }) => [`${path}#${anchor}`, heading.at(-1)!]),
    ),
  );
  const placed = made.flatMap(({ links }) => links);
  const links: LinkRecord[] = linkRecords(placed, site, headings);
  const reasons = read.filter((page): page is Quarantined => page !== null && "reason" in page);
  return { pages: made, site, links, reasons };
}

/** Ingest's result for a page that `file` replaces in a tree, or the reason it cannot be read. */
export function readAs(tree: SampleTree, file: SourceFile) {
  const files = tree.files.map((other) => (other.path === file.path ? file : other));
  const read = bounded(() => readTree({ ...tree, files }));
  if ("reason" in read) return read;
  const refused = read.made.reasons.at(0);
  return refused ?? read.made.pages.find(({ page }) => page.path === file.path)!;
}

export type ReadPage = ReturnType<typeof readTree>["pages"][number];

function wordsIn(text: string): number {
  return text.split(/\s+/).filter(Boolean).length;
}
