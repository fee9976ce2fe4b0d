import { WinnowError } from "../../base/errors.ts";
import type { TaskProgress } from "../../base/progress.ts";
import { MAX_SOURCE_BYTES } from "../sourceFile.ts";
import { HostRules } from "./hostRules.ts";
import { listPages } from "./listPages.ts";
import { Mirror } from "./mirror.ts";
import type { SitePolicy } from "./siteAddress.ts";
import { Visitor } from "./visitor.ts";
import { PageVisit } from "./visitPage.ts";
import { type Counts, VisitReport } from "./visitReport.ts";

export interface SiteVisit {
  cacheDir: string;
  policy: SitePolicy;
  signal: AbortSignal;
  onProgress?(progress: TaskProgress): void;
}

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
  refuseShrunk(sitemap, mirror, pages.length);
  const report = new VisitReport();
  const one = new PageVisit(asked, mirror, home);
  const started = Date.now();
  try {
    for (const [at, page] of pages.entries()) {
      visit.onProgress?.({ step: at, of: pages.length, note: "pages of the site" });
      report.add(page.url, await one.visit(page));
      refuse(sitemap, report, pages.length);
      if (one.bytes > MAX_SOURCE_BYTES) throw tooLarge(sitemap);
      if (Date.now() - started > MAX_VISIT_MS)
        throw unavailable(sitemap, `its pages take more than ${MAX_VISIT_MS / 3_600_000} h`);
      if (at % SAVE_EVERY === SAVE_EVERY - 1) await mirror.save({ finished: false });
    }
    refuseShrunk(sitemap, mirror, one.kept);
  } catch (error) {
    await mirror.save({ finished: false });
    throw error;
  }
  for (const url of mirror.pages.keys()) if (!one.listed.has(url)) mirror.pages.delete(url);
  await mirror.finish(`${report}`);
  return { mirror, counts: report.counts, requests: visitor.requests };
}

/** A site that fails half way would give half a corpus. */
function refuse(sitemap: string, { counts: { failed, gone }, examples }: VisitReport, pages: number): void {
  if (failed > Math.max(MAX_FAILED, pages * MAX_FAILED_SHARE))
    throw unavailable(sitemap, `${failed} of its ${pages} pages could not be read (${examples})`);
  if (gone > Math.max(MAX_FAILED, pages * MAX_GONE_SHARE))
    throw unavailable(sitemap, `${gone} of the ${pages} pages that it lists do not exist`);
}

/** A sitemap that lost most of its pages, or most pages that became unreadable, are more often a mistake than meant. */
function refuseShrunk(sitemap: string, { size, folder }: Mirror, pages: number): void {
  if (size - pages <= MAX_FAILED || pages >= size * (1 - MAX_GONE_SHARE)) return;
  const how = `If that is meant, delete ${folder} on the worker's machine and start the run again`;
  throw unavailable(sitemap, `only ${pages} pages are left of the ${size} of the last visit. ${how}`);
}

function unavailable(sitemap: string, why: string): WinnowError {
  return new WinnowError("SourceUnavailable", `${sitemap}: ${why}`);
}

function tooLarge(sitemap: string): WinnowError {
  return new WinnowError("BadSource", `${sitemap}: its pages have more than ${MAX_SOURCE_BYTES / 1e6} MB`);
}
