import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bounded } from "../../bounded.ts";
import { type LinkRecord, linkRecords } from "../../links.ts";
import type { Page } from "../../page.ts";
import { type Quarantined, readPage } from "../../pages.ts";
import { type PassageSizes, passagesOf } from "../../passages.ts";
import { Site } from "../../site.ts";
import { type DocsSource, readSource } from "../../source.ts";
import type { SourceFile } from "../../sourceFile.ts";

const SAMPLES = join(import.meta.dirname, "samples");
/** Small, in words, so that a passage stands on few lines. */
const SIZES: PassageSizes = { passage: 24, window: 24 };

/**
 * What a format's sample is expected to give. `expected.json` lies beside the sample's pages, in `samples/<format>/`.
 * Of its words, those that begin with `seen` are shown to a reader, those that begin with `hidden` are not.
 */
export interface Expected {
  /** Page that shows all the format has, by its path below the docs root. */
  page: string;
  /** Where it is published when the docs are at `/docs/`. */
  url: string;
  /** Anchors of its sections in order; "" for what stands above the first heading. */
  anchors: string[];
  /** Links of the sample in order: their words, the page they lead to, and its heading. */
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

/** What ingest makes of a tree's pages, page by page. */
export function readTree({ files, generator }: Pick<DocsSource, "files" | "generator">) {
  const read = files.map(readPage);
  const pages = read.filter((page): page is Page => page !== null && !("reason" in page));
  const site = new Site(pages, "/docs/", generator);
  const made = pages.map((page) => ({ page, ...passagesOf(page, site, wordsIn, SIZES) }));
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

/** The page of a tree that `file` takes the place of, as ingest reads it, or why it does not. */
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
