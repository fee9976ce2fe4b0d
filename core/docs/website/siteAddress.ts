/** Sites that the operator allows, and how they are visited. */
export interface SitePolicy {
  /** Origins that may be asked for pages, such as `https://docs.example`. */
  origins: string[];
  /** Pause between two requests, in milliseconds. */
  pauseMs: number;
  /** Most pages of one site. */
  maxPages: number;
}

const MAX_LENGTH = 2_000;
const MAX_STEP = 150;
/** Longest path of a page's file. Systems take 4,096 bytes with the folder above, or 1,024. */
const MAX_FILE = 600;
const SITEMAP = /\.xml(?:\.gz)?$/i;
const ODD = /[\\\s\p{C}\u{e0000}-\u{e007f}]/u;

/** True for text that names a sitemap: `https://docs.example/sitemap.xml`. */
export function isSitemap(text: string): boolean {
  return /^https?:\/\//i.test(text) && !text.includes("#") && SITEMAP.test(text.replace(/\?.*$/, ""));
}

/** Reads the address of a sitemap, or returns the reason for a refusal. */
export function parseSitemapAddress(text: string): { url: string } | { refused: string } {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || text.length > MAX_LENGTH || ODD.test(text)) return { refused: "it is no address of a sitemap" };
  if (url.username !== "" || url.password !== "")
    return { refused: "credentials are not read: Temporal keeps workflow input in the history" };
  return { url: url.href };
}

/**
 * The origins that an entry of the setting allows: `docs.example` by https, `http://docs.example` by http, a loopback
 * host with its port by both. Null if it is none.
 */
export function originsOf(entry: string): string[] | null {
  const given = /^https?:\/\//i.test(entry) ? entry : `https://${entry}`;
  const url = URL.canParse(given) ? new URL(given) : null;
  const isPlain = url && url.pathname === "/" && !url.search && !url.hash && !url.username && !url.password;
  if (!isPlain || url.hostname === "" || entry.includes("*")) return null;
  const isLoopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (given !== entry && isLoopback) return [url.origin, `http://${url.host}`];
  return [url.origin];
}

/**
 * Path of a page's file, which mirrors its address: `a/b/` is `a/b/index.html`, `a/b` is `a/b.html`. Pages of another
 * host than `home`'s lie below its name. A path that is too long for a file's name is replaced by a digest of the
 * address. A step is never empty. Steps cannot leave the folder, and no two addresses of one form share a path.
 */
export function pageFile(url: URL, home: URL, digest: (text: string) => string): string {
  const steps = url.pathname
    .split("/")
    .slice(1)
    .map((step, at, all) => (step === "" && at < all.length - 1 ? "_" : safeStep(step, digest)));
  const name = steps.pop() ?? "";
  const folders = steps.map((step) => (/\.x?html?$/i.test(step) ? `${step}_` : step));
  const query = url.search === "" ? "" : `-${digest(url.search)}`;
  const [, stem = "", extension = ".html"] = /^(.*?)(\.x?html?)?$/i.exec(name === "" ? "index" : name)!;
  const host = url.host === home.host ? [] : [safeStep(url.host.replace(":", "_"), digest)];
  const file = [...host, ...folders, `${stem}${query}${extension}`].join("/");
  return file.length > MAX_FILE ? `_long/${digest(url.href)}${extension}` : file;
}

function safeStep(step: string, digest: (text: string) => string): string {
  const plain = step.replace(/[^\w.~%@+,=-]/g, "_");
  const cut = plain.length > MAX_STEP ? `${plain.slice(0, MAX_STEP)}-${digest(step)}` : plain;
  return cut.startsWith(".") || cut === "node_modules" ? `_${cut}` : cut;
}
