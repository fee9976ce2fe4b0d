import { gunzipSync } from "node:zlib";
import { messageOf, WinnowError } from "../../base/errors.ts";
import type { HostRules } from "./hostRules.ts";
import { type Listed, readSitemap, type Sitemap } from "./sitemap.ts";
import { Unanswered, type Visitor } from "./visitor.ts";

const MAX_SITEMAP_BYTES = 50_000_000;
const MAX_SITEMAPS = 500;
/** A sitemap index may list sitemaps; one more level is read. */
const MAX_LEVELS = 3;

/** Whom a visit asks. */
export interface Asked {
  visitor: Visitor;
  rules: HostRules;
}

/** The pages that a site lists and its robots.txt allows, each once, and the address of its sitemap after redirects. */
export async function listPages(
  sitemap: URL,
  { visitor, rules }: Asked,
  maxPages: number,
): Promise<{ home: URL; pages: Listed[] }> {
  const found = new Map<string, Listed>();
  let waiting: URL[] = [sitemap];
  let home: URL | null = null;
  let maps = 0;
  for (let level = 0; level < MAX_LEVELS && waiting.length > 0; level++) {
    const next: URL[] = [];
    for (const url of waiting) {
      if (++maps > MAX_SITEMAPS) throw refused(sitemap, `it lists more than ${MAX_SITEMAPS} sitemaps`);
      // Before the first request, as robots.txt may ask for a pause between them.
      if (level === 0) await isAllowed(url, rules);
      const read = await fetchSitemap(url, visitor);
      home ??= read.url;
      for (const map of read.maps) if (URL.canParse(map) && visitor.isListed(new URL(map))) next.push(new URL(map));
      for (const page of read.pages) {
        const listed = await permitted(page, { visitor, rules });
        if (listed) found.set(listed.url, listed);
        if (found.size > maxPages) throw refused(sitemap, `it lists more than ${maxPages} pages (WINNOW_SITE_PAGES)`);
      }
    }
    waiting = next;
  }
  if (found.size === 0)
    throw refused(sitemap, "it lists no page that may be read. See WINNOW_SITE_HOSTS and robots.txt");
  return { home: home ?? sitemap, pages: [...found.values()] };
}

/** A listed page whose host and robots.txt allow it; null otherwise. */
async function permitted({ url: given, lastmod }: Listed, { visitor, rules }: Asked): Promise<Listed | null> {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (!url || !visitor.isListed(url)) return null;
  url.hash = "";
  return (await isAllowed(url, rules)) ? { url: url.href, lastmod } : null;
}

async function isAllowed(page: URL, rules: HostRules): Promise<boolean> {
  try {
    return await rules.allows(page);
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    throw new WinnowError("SourceUnavailable", `${error.message}; until it can be read, no page is`);
  }
}

async function fetchSitemap(asked: URL, visitor: Visitor): Promise<Sitemap & { url: URL }> {
  const { url, status, body } = await visitor.get(asked, { maxBytes: MAX_SITEMAP_BYTES }).catch((error) => {
    if (!(error instanceof Unanswered)) throw error;
    throw new WinnowError("SourceUnavailable", `${asked} cannot be read: ${error.message}`);
  });
  if (status !== 200) throw refused(asked, `it answered ${status}. Give the address of a sitemap`);
  const read = readSitemap(unpacked(asked, body).toString("utf8"));
  if (read) return { url, ...read };
  throw refused(asked, "it is no sitemap: it has neither urlset nor sitemapindex");
}

function unpacked(url: URL, body: Buffer): Buffer {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return body;
  try {
    return gunzipSync(body, { maxOutputLength: MAX_SITEMAP_BYTES });
  } catch (error) {
    throw refused(url, `it cannot be unpacked: ${messageOf(error)}`);
  }
}

function refused(url: URL, why: string): WinnowError {
  return new WinnowError("BadSource", `docs.path: ${url} is refused: ${why}.`);
}
