import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { type IngestStats, type PageRecord, writeIngested } from "../../artifacts/passages.ts";
import { canonicalJson } from "../../base/canonical.ts";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";
import { bounded, MAX_PAGE_MS } from "../../docs/bounded.ts";
import { maxBytesOf } from "../../docs/formats/index.ts";
import { linkRecords, type PlacedLink } from "../../docs/links.ts";
import type { Page } from "../../docs/page.ts";
import { PageCache } from "../../docs/pageCache.ts";
import { type Quarantined, readPage, settledPages } from "../../docs/pages.ts";
import { type PassageSizes, passagesOf } from "../../docs/passages.ts";
import { Site } from "../../docs/site.ts";
import { type DocsSource, readSource } from "../../docs/source.ts";
import { MAX_PAGE_BYTES } from "../../docs/sourceFile.ts";
import { type StoredPassage, windowCount } from "../../docs/windows.ts";
import { tokenBudget } from "./tokenBudget.ts";

export interface IngestArgs {
  /** Folder, `.tar.gz` or one page of docs. */
  source: string;
  /** JSON file with the published addresses of pages, `[path, url][]`, which count unless `baseUrl` is given. */
  addresses?: string;
  /** Receives an ingest artifact (core/artifacts/passages.ts). */
  outDir: string;
  /** Folder of the embedder, whose tokenizer counts wordpieces. */
  tokenizerDir: string;
  /** Folder of the reranker's base, which must read the same windows. Default: the embedder. */
  rerankerDir?: string;
  /** Address at which the docs are published. Default: `/docs/` for a Hugo docs tree, otherwise `/`. */
  baseUrl?: string;
  /** Maximum wordpieces of a passage and of a window, heading trail included. */
  sizes?: PassageSizes;
  /** Cache file with the passages of each page for the next ingest, and the digest of the code that makes them. */
  cache?: { file: string; code: string };
}

export interface IngestReport extends IngestStats {
  seconds: number;
}

/** Share of pages that may be quarantined, and a number that is always allowed. */
const MAX_BAD_SHARE = 0.05;
const MAX_BAD_PAGES = 3;
const BREATH = 25;

/**
 * Turns a docs source into passages. Nothing is dropped: some passage contains every visible character of a page.
 * Throws BadSource, TooManyBadPages, BadModel, StorageFailed, Cancelled.
 */
export async function ingestDocs(args: IngestArgs, ctx: TaskContext): Promise<IngestReport> {
  const started = Date.now();
  const source = await readSource(args.source);
  const { pages, quarantined, drafts } = readPages(source);
  refuseTooMany(quarantined, source.files.length, args.source);
  if (pages.length === 0) throw new WinnowError("BadSource", `${args.source} holds no page that is not a draft.`);
  const site = await openSite(args, source, pages);
  const reader = await openReader(args, site);
  const passages: StoredPassage[] = [];
  const placed: PlacedLink[] = [];
  const anchors = new Map<string, string>();
  const counts = new Map<Page, number>();
  for (const [i, page] of site.published.entries()) {
    if (i % BREATH === 0) await breathe(ctx, i, site.published.length);
    const read = bounded(() => reader.read(page), millisecondsFor(page.path));
    if ("reason" in read) {
      quarantined.push({ page: page.path, reason: read.reason });
      continue;
    }
    counts.set(page, read.made.passages.length);
    for (const passage of read.made.passages) passages.push(passage);
    for (const link of read.made.links) placed.push(link);
    for (const { anchor, heading } of read.made.sections) anchors.set(`${page.path}#${anchor}`, heading.at(-1)!);
  }
  refuseTooMany(quarantined, source.files.length, args.source);
  const readable = new Set([...counts.keys()].map(({ path }) => path));
  const links = linkRecords(placed, site, anchors).filter(({ targetPage }) => readable.has(targetPage));
  const stats: IngestStats = {
    pages: counts.size,
    passages: passages.length,
    windows: passages.reduce((sum, passage) => sum + windowCount(passage), 0),
    quarantined: quarantined.length,
    drafts,
    links: links.length,
    missing: site.missing,
  };
  // Wall time is not part of the content: equal docs must give equal artifacts.
  const seconds = (Date.now() - started) / 1000;
  const records = [...counts].map(([page, made]) => pageRecord(page, site, made));
  await writeIngested(args.outDir, { passages, pages: records, links, quarantined, stats });
  await reader.save();
  return { ...stats, seconds };
}

async function openSite(
  { source: path, baseUrl, addresses }: IngestArgs,
  { root, generator }: DocsSource,
  pages: Page[],
): Promise<Site> {
  const usual = /(^|\/)content\/[^/]+\/docs$/.test(root || path) ? "/docs/" : "/";
  if (addresses === undefined || baseUrl !== undefined) return new Site(pages, baseUrl ?? usual, generator);
  const known = new Map<string, string>(JSON.parse(await readFile(addresses, "utf8")));
  return new Site(pages, usual, generator, (page) => known.get(posix.join(root, page)));
}

/** Makes the passages of pages; unchanged pages come from the cache of the last ingest. */
async function openReader({ cache, ...args }: IngestArgs, site: Site) {
  const { count, sizes, tokenizers } = await tokenBudget(args);
  const pages = await PageCache.open(cache?.file ?? null);
  const rest = canonicalJson({
    sizes,
    tokenizers,
    baseUrl: site.baseUrl,
    anchors: site.anchorStyle.name,
    code: cache?.code,
  });
  return {
    read(page: Page) {
      const body = site.expand(page);
      return pages.take(page, body, `${site.urlOf(page)} ${rest}`, () => passagesOf(page, site, count, sizes, body));
    },
    save: () => pages.save(),
  };
}

async function breathe(ctx: TaskContext, step: number, of: number): Promise<void> {
  ctx.progress({ step, of, note: "pages" });
  await new Promise((settle) => setImmediate(settle));
  if (ctx.signal.aborted) throw new WinnowError("Cancelled", "ingest was cancelled");
}

/** Processor time for one page: a format of larger files gets as much for each byte. */
function millisecondsFor(path: string): number {
  return MAX_PAGE_MS * (maxBytesOf(path) / MAX_PAGE_BYTES);
}

function readPages(source: DocsSource): { pages: Page[]; quarantined: Quarantined[]; drafts: number } {
  const pages: Page[] = [];
  const quarantined: Quarantined[] = [];
  let drafts = 0;
  for (const file of source.files) {
    const read = bounded(() => readPage(file), millisecondsFor(file.path));
    if ("reason" in read) quarantined.push({ page: file.path, reason: read.reason });
    else if (read.made === null) drafts++;
    else if ("reason" in read.made) quarantined.push(read.made);
    else pages.push(read.made);
  }
  return { pages: settledPages(pages), quarantined, drafts };
}

/** Refuses a source with too many unreadable pages, or with no readable one. */
function refuseTooMany(quarantined: Quarantined[], files: number, path: string): void {
  const allowed = Math.max(MAX_BAD_PAGES, files * MAX_BAD_SHARE);
  if (quarantined.length <= allowed && quarantined.length < files) return;
  const examples = quarantined.slice(0, 3).map(({ page, reason }) => `${page}: ${reason}`);
  throw new WinnowError(
    "TooManyBadPages",
    `${quarantined.length} of ${files} pages of ${path} cannot be read (${examples.join("; ")}). Fix or remove them.`,
  );
}

function pageRecord(page: Page, site: Site, passages: number): PageRecord {
  const { path, title, digest, lines } = page;
  return { page: path, title, digest, url: site.urlOf(page), passages, lines };
}
