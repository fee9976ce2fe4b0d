/** Pages and further sitemaps that a sitemap lists. */
export interface Sitemap {
  pages: Listed[];
  maps: string[];
}

export interface Listed {
  url: string;
  /** When the page last changed, as the sitemap writes it; null if it does not. */
  lastmod: string | null;
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * Reads a sitemap or sitemap index (sitemaps.org). Only its own elements, with the prefix of its root, are looked for: no document type, entity or
 * other file is read. Null if it is neither.
 */
export function readSitemap(text: string): Sitemap | null {
  const xml = text.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
  const [, prefix = "", root] = /<([\w-]{1,50}:)?(urlset|sitemapindex)[\s>]/.exec(xml) ?? [];
  if (root === undefined) return null;
  const entries = elements(xml, `${prefix}${root === "urlset" ? "url" : "sitemap"}`).flatMap((entry) => {
    const [url = ""] = elements(entry, `${prefix}loc`);
    const [lastmod] = elements(entry, `${prefix}lastmod`);
    return url.trim() === "" ? [] : [{ url: textOf(url), lastmod: lastmod ? textOf(lastmod) : null }];
  });
  return root === "urlset" ? { pages: entries, maps: [] } : { pages: [], maps: entries.map(({ url }) => url) };
}

/** Contents of the elements of a name with its prefix, in linear time. */
function elements(xml: string, name: string): string[] {
  const found: string[] = [];
  const open = new RegExp(`<${name}(?:\\s[^<>]*)?>`, "g");
  for (let start = open.exec(xml); start !== null; start = open.exec(xml)) {
    const close = new RegExp(`</${name}\\s*>`, "g");
    close.lastIndex = open.lastIndex;
    const end = close.exec(xml);
    if (end === null) return found;
    found.push(xml.slice(open.lastIndex, end.index));
    open.lastIndex = close.lastIndex;
  }
  return found;
}

function textOf(xml: string): string {
  const plain = /^\s*<!\[CDATA\[([\s\S]*?)\]\]>\s*$/.exec(xml)?.[1];
  if (plain !== undefined) return plain.trim();
  return xml.trim().replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,4}));/gi, (whole, dec, hex, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = dec === undefined ? Number.parseInt(hex, 16) : Number(dec);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
