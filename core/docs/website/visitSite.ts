import { WinnowError } from "../../base/errors.ts";
import type { TaskProgress } from "../../base/progress.ts";
import { MAX_SOURCE_BYTES } from "../sourceFile.ts";
import { HostRules } from "./hostRules.ts";
import { listPages } from "./listPages.ts";
import { Mirror } from "./mirror.ts";
import type { SitePolicy } from "./siteAddress.ts";
import { Visitor } from "./visitor.ts";
import { type Outcome, PageVisit } from "./visitPage.ts";

export interface SiteVisit {
  cacheDir: string;
  policy: SitePolicy;
  signal: AbortSignal;
  onProgress?(progress: TaskProgress): void;
}

/** What became of the pages that a sitemap lists. */
export type Counts = Record<Outcome, number>;

/** Share of pages that may fail, and a number that is always allowed. */
const MAX_FAILED_SHARE = 0.05;
const MAX_FAILED = 3;
/** Share of listed pages that may be gone. A site that lost more is broken. */
const MAX_GONE_SHARE = 0.5;
const SAVE_EVERY = 25;
const MAX_VISIT_MS = 12 * 3_600_000;

/**
 * Brings the mirror of a sitemap's site up to date: asks only for pages whose `lastmod` changed or is not stated, and
 * those by ETag and Last-Modified. An interrupted visit goes on where it stopped. Throws BadSource for a site that is
 * not allowed, has no sitemap or too many pages; SourceUnavailable if robots.txt cannot be read or many pages fail;
 * Cancelled.
 */
export async function visitSite(
  sitemap: string,
  visit: SiteVisit,
): Promise<{ mirror: Mirror; counts: Counts; requests: number }> {
  const { cacheDir, policy, signal } = visit;
  const visitor = new Visitor(policy, signal);
  visitor.permit(new URL(sitemap));
  const mirror = await Mirror.open(cacheDir, sitemap);
  const asked = { visitor, rules: new HostRules(visitor) };
  const { home, pages } = await listPages(new URL(sitemap), asked, policy.maxPages);
  const counts: Counts = { new: 0, unchanged: 0, changed: 0, gone: 0, left: 0, failed: 0 };
  const reasons: string[] = [];
  const one = new PageVisit(asked, mirror, home);
  const started = Date.now();
  try {
    for (const [at, page] of pages.entries()) {
      visit.onProgress?.({ step: at, of: pages.length, note: "pages of the site" });
      const { outcome, why } = await one.visit(page);
      counts[outcome]++;
      if (why) reasons.push(`${page.url}: ${why}`);
      refuse(sitemap, counts, pages.length, reasons);
      if (one.bytes > MAX_SOURCE_BYTES) throw tooLarge(sitemap);
      if (Date.now() - started > MAX_VISIT_MS)
        throw unavailable(sitemap, `its pages take more than ${MAX_VISIT_MS / 3_600_000} h`);
      if (at % SAVE_EVERY === SAVE_EVERY - 1) await mirror.save({ finished: false });
    }
  } catch (error) {
    await mirror.save({ finished: false });
    throw error;
  }
  for (const url of mirror.pages.keys()) if (!one.listed.has(url)) mirror.pages.delete(url);
  await mirror.finish();
  return { mirror, counts, requests: visitor.requests };
}

/** A site that fails half way would give half a corpus. */
function refuse(sitemap: string, { failed, gone }: Counts, pages: number, reasons: string[]): void {
  const examples = reasons.slice(0, 3).join("; ");
  if (failed > Math.max(MAX_FAILED, pages * MAX_FAILED_SHARE))
    throw unavailable(sitemap, `${failed} of its ${pages} pages could not be read (${examples})`);
  if (gone > Math.max(MAX_FAILED, pages * MAX_GONE_SHARE))
    throw unavailable(sitemap, `${gone} of the ${pages} pages that it lists do not exist`);
}

function unavailable(sitemap: string, why: string): WinnowError {
  return new WinnowError("SourceUnavailable", `${sitemap}: ${why}`);
}

function tooLarge(sitemap: string): WinnowError {
  return new WinnowError("BadSource", `${sitemap}: its pages have more than ${MAX_SOURCE_BYTES / 1e6} MB`);
}
