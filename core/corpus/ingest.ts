import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Passage } from "../../contracts/passage.ts";
import { writeJsonLines } from "../artifacts/jsonl.ts";
import { WinnowError } from "../errors.ts";
import { openTokenizer } from "../models/tokenizer.ts";
import type { TaskContext } from "../native/task.ts";
import { type LinkRecord, linkRecords, type PlacedLink } from "./links.ts";
import { packUnits } from "./pack.ts";
import { type Page, pageUrl, type Quarantined, readPage } from "./pages.ts";
import { type Section, sectionsOf } from "./sections.ts";
import { Site } from "./site.ts";
import { type DocsSource, readSource } from "./source.ts";

export interface IngestArgs {
  /** Folder or `.tar.gz` of Markdown. */
  source: string;
  /** Receives `passages.jsonl`, `pages.jsonl`, `links.jsonl`, `quarantine.jsonl`, `stats.json`. */
  outDir: string;
  /** Folder of the model whose tokenizer counts. */
  tokenizerDir: string;
  /** Address the docs are published under. Default: `/docs/` for a Hugo docs tree, else `/`. */
  baseUrl?: string;
  /** Wordpieces a passage may have, heading trail included. */
  maxTokens?: number;
}

export interface IngestReport {
  pages: number;
  passages: number;
  quarantined: number;
  drafts: number;
  links: number;
  /** Shortcodes that stand as a caption because their text is not in the source, by name. */
  missing: Record<string, number>;
  seconds: number;
}

const MAX_TOKENS = 176;
/** A heading trail may take at most this share of a passage. */
const MAX_TRAIL_SHARE = 0.5;
/** Share of pages that may be quarantined, and a number that always may. */
const MAX_BAD_SHARE = 0.05;
const MAX_BAD_PAGES = 3;
const BREATH = 25;

/**
 * Turns a docs source into passages. Nothing is dropped: every visible character of a page is in some passage.
 * Throws BadSource, TooManyBadPages, BadModel, StorageFailed, Cancelled.
 */
export async function ingestDocs(args: IngestArgs, ctx: TaskContext): Promise<IngestReport> {
  const started = Date.now();
  const source = await readSource(args.source);
  const tokenizer = await openTokenizer(args.tokenizerDir);
  const { pages, quarantined, drafts } = readPages(source, args.source);
  const site = new Site(
    pages,
    args.baseUrl ?? (/(^|\/)content\/[^/]+\/docs$/.test(source.root || args.source) ? "/docs/" : "/"),
  );
  const passages: Passage[] = [];
  const placed: PlacedLink[] = [];
  const anchors = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const [i, page] of pages.entries()) {
    const made = passagesOf(page, site, (text) => tokenizer.count(text), args.maxTokens ?? MAX_TOKENS);
    counts.set(page.path, made.passages.length);
    passages.push(...made.passages);
    placed.push(...made.links);
    for (const { anchor, heading } of made.sections) anchors.set(`${page.path}#${anchor}`, heading.at(-1)!);
    if (i % BREATH === 0) await breathe(ctx, i, pages.length);
  }
  const links: LinkRecord[] = linkRecords(placed, site, anchors);
  const report: IngestReport = {
    pages: pages.length,
    passages: passages.length,
    quarantined: quarantined.length,
    drafts,
    links: links.length,
    missing: site.missing,
    seconds: (Date.now() - started) / 1000,
  };
  await mkdir(args.outDir, { recursive: true });
  await writeJsonLines(join(args.outDir, "passages.jsonl"), passages);
  await writeJsonLines(
    join(args.outDir, "pages.jsonl"),
    pages.map((page) => pageRecord(page, site, counts.get(page.path) ?? 0)),
  );
  await writeJsonLines(join(args.outDir, "links.jsonl"), links);
  await writeJsonLines(join(args.outDir, "quarantine.jsonl"), quarantined);
  // Wall time is no part of the content: equal docs must give equal artifacts.
  const { seconds: _seconds, ...stats } = report;
  await writeFile(join(args.outDir, "stats.json"), `${JSON.stringify(stats, null, 1)}\n`);
  return report;
}

async function breathe(ctx: TaskContext, step: number, of: number): Promise<void> {
  ctx.progress({ step, of, note: "pages" });
  await new Promise((settle) => setImmediate(settle));
  if (ctx.signal.aborted) throw new WinnowError("Cancelled", "ingest was cancelled");
}

function readPages(source: DocsSource, path: string): { pages: Page[]; quarantined: Quarantined[]; drafts: number } {
  const pages: Page[] = [];
  const quarantined: Quarantined[] = [];
  let drafts = 0;
  for (const file of source.files) {
    const page = readPage(file);
    if (page === null) drafts++;
    else if ("reason" in page) quarantined.push(page);
    else pages.push(page);
  }
  const allowed = Math.max(MAX_BAD_PAGES, source.files.length * MAX_BAD_SHARE);
  if (quarantined.length > allowed || pages.length === 0) {
    const examples = quarantined
      .slice(0, 3)
      .map(({ page, reason }) => `${page} ${reason}`)
      .join("; ");
    throw new WinnowError(
      "TooManyBadPages",
      `${quarantined.length} of ${source.files.length} pages of ${path} cannot be read${examples ? `: ${examples}` : ""}. Mend or remove them.`,
    );
  }
  return { pages, quarantined, drafts };
}

/** The passages of one page, with the links each holds. */
export function passagesOf(page: Page, site: Site, count: (text: string) => number, maxTokens: number) {
  const sections = sectionsOf({ ...page, body: site.expand(page) });
  const passages: Passage[] = [];
  const links: PlacedLink[] = [];
  const url = `${site.baseUrl}${pageUrl(page.path)}`;
  for (const section of sections) {
    const heading = fittingTrail(section.heading, maxTokens, count);
    const budget = maxTokens - count(heading.join(" > "));
    for (const [i, piece] of packUnits(section.units, budget, count).entries()) {
      const id = passageId(page, section, i);
      const address = section.anchor ? `${url}#${section.anchor}` : url;
      passages.push({ id, page: page.path, heading, url: address, lines: piece.lines, text: piece.text });
      for (const link of piece.links) links.push({ ...link, page, heading, passageId: id, text: piece.text });
    }
  }
  return { passages, links, sections };
}

/** The trail, without its middle steps where it would crowd out the text. */
function fittingTrail(heading: string[], maxTokens: number, count: (text: string) => number): string[] {
  const fits = (trail: string[]) => count(trail.join(" > ")) <= maxTokens * MAX_TRAIL_SHARE;
  if (fits(heading)) return heading;
  const ends = heading.length > 1 ? [heading[0]!, heading.at(-1)!] : heading;
  if (fits(ends)) return ends;
  return ends.map((step) => step.slice(0, Math.floor(maxTokens / ends.length)));
}

function passageId(page: Page, section: Section, position: number): string {
  const key = [page.path, section.anchor, ...section.heading, position].join("\0");
  return createHash("sha256").update(key).digest("hex").slice(0, 16);
}

function pageRecord(page: Page, site: Site, passages: number) {
  const { path, title, digest, lines } = page;
  return { page: path, title, digest, url: `${site.baseUrl}${pageUrl(path)}`, passages, lines };
}
