import { sha256 } from "../../base/canonical.ts";
import { MAX_PAGE_BYTES } from "../sourceFile.ts";
import type { Asked } from "./listPages.ts";
import type { Kept, Mirror } from "./mirror.ts";
import { pageFile } from "./siteAddress.ts";
import type { Listed } from "./sitemap.ts";
import { withStatedCharset } from "./statedCharset.ts";
import { type Answer, Disallowed, Unanswered } from "./visitor.ts";

/** `left` is a page that is left out: no HTML, `noindex`, the address of another page, or one that robots.txt excludes. */
export type Outcome = "new" | "unchanged" | "changed" | "gone" | "left" | "failed";
export interface Visited {
  outcome: Outcome;
  /** Why a page failed or was left out. */
  why?: string;
}

const HTML = /^\s*(?:text\/html|application\/xhtml\+xml)\b/i;
const META = /<meta\s[^>]{1,500}>/gi;
const SAME = "address of another page";
/** Characters in which a page's meta elements stand. */
const MAX_HEAD = 100_000;
const DAY_MS = 24 * 3_600_000;

/** Visits the pages of a site, one after another. */
export class PageVisit {
  /** Bytes of all pages so far. */
  bytes = 0;
  /** Pages with a file so far. */
  kept = 0;
  /** Addresses visited, as the sitemap lists them. */
  readonly listed = new Set<string>();
  private readonly addresses = new Set<string>();
  private readonly files = new Set<string>();

  constructor(
    private readonly asked: Asked,
    private readonly mirror: Mirror,
    private readonly home: URL,
  ) {}

  async visit(page: Listed): Promise<Visited> {
    this.listed.add(page.url);
    const before = this.mirror.pages.get(page.url);
    const held = before && (await this.mirror.holds(before)) && (await this.mayHold(before)) ? before : undefined;
    if (held && (held.seen >= this.mirror.since || isStillGood(held, page.lastmod))) return this.keep(page, held);
    try {
      return await this.ask(page, held);
    } catch (error) {
      if (error instanceof Disallowed) return this.leaveOut(page, "robots.txt");
      if (!(error instanceof Unanswered)) throw error;
      // A page that cannot be read today stays as it was.
      if (held) this.keep(page, held);
      else this.mirror.pages.delete(page.url);
      return { outcome: "failed", why: error.message };
    }
  }

  /** Whether the address that a page was redirected to may still be visited. A page that cannot be asked about stays. */
  private async mayHold({ url }: Kept): Promise<boolean> {
    const at = new URL(url);
    const { visitor, rules } = this.asked;
    return visitor.isListed(at) && (await rules.allows(at).catch(orTrue));
  }

  private async ask(page: Listed, held: Kept | undefined): Promise<Visited> {
    const headers: Record<string, string> = {
      ...(held?.etag ? { "if-none-match": held.etag } : {}),
      ...(held?.lastModified ? { "if-modified-since": held.lastModified } : {}),
    };
    const { visitor, rules } = this.asked;
    const allows = (url: URL) => rules.allows(url);
    const answer = await visitor.get(new URL(page.url), { maxBytes: MAX_PAGE_BYTES, headers, allows });
    if (answer.status === 304 && held) return this.keep(page, { ...held, lastmod: page.lastmod, seen: Date.now() });
    if (answer.status === 404 || answer.status === 410) {
      this.mirror.pages.delete(page.url);
      return { outcome: "gone" };
    }
    if (answer.status !== 200) throw new Unanswered(`it answered ${answer.status}`);
    return this.take(page, answer, held);
  }

  private async take(page: Listed, { url, headers, body: sent }: Answer, held: Kept | undefined): Promise<Visited> {
    const facts = {
      url: addressOf(url),
      etag: headers.get("etag"),
      lastModified: headers.get("last-modified"),
      lastmod: page.lastmod,
      seen: Date.now(),
    };
    const type = headers.get("content-type") ?? "";
    const body = withStatedCharset(sent, type);
    const left = !HTML.test(type) ? "no HTML" : isHidden(headers, body) ? "noindex" : null;
    if (left !== null) {
      this.mirror.pages.set(page.url, { ...facts, left, file: null, sha256: "", bytes: 0 });
      return { outcome: "left", why: left };
    }
    if (this.addresses.has(facts.url)) return this.leaveOut(page, SAME);
    const digest = sha256(body);
    const file = this.fileOf(url);
    if (held?.sha256 !== digest || held.file !== file) await this.mirror.write(file, body);
    this.count(facts.url, file, body.length);
    this.mirror.pages.set(page.url, { ...facts, left: null, file, sha256: digest, bytes: body.length });
    return { outcome: held?.file == null ? "new" : held.sha256 === digest ? "unchanged" : "changed" };
  }

  private keep(page: Listed, held: Kept): Visited {
    if (held.file !== null && this.addresses.has(held.url)) return this.leaveOut(page, SAME);
    if (held.file !== null) this.count(held.url, held.file, held.bytes);
    this.mirror.pages.set(page.url, held);
    return held.left === null ? { outcome: "unchanged" } : { outcome: "left", why: held.left };
  }

  /** Keeps nothing of a page, so that it is read as soon as the reason is gone: one that stood for it, or robots.txt. */
  private leaveOut(page: Listed, why: string): Visited {
    this.mirror.pages.delete(page.url);
    return { outcome: "left", why };
  }

  private count(url: string, file: string, bytes: number): void {
    this.kept++;
    this.addresses.add(url);
    this.files.add(file.toLowerCase());
    this.bytes += bytes;
  }

  /**
   * The file that mirrors an address, with a suffix if another address has it: `/a` and `/a.html`, or `/A` where file
   * names ignore case.
   */
  private fileOf(url: URL): string {
    const short = (text: string) => sha256(text).slice(0, 8);
    const file = pageFile(url, this.home, short);
    return this.files.has(file.toLowerCase()) ? file.replace(/(\.\w+)$/, `-${short(url.href)}$1`) : file;
  }
}

function orTrue(error: unknown): true {
  if (error instanceof Unanswered) return true;
  throw error;
}

/** Whether the sitemap says that a page has not changed since its last visit. A date alone may be anywhere in its day. */
function isStillGood(held: Kept, lastmod: string | null): boolean {
  if (lastmod === null || lastmod !== held.lastmod) return false;
  const changed = Date.parse(lastmod);
  return Number.isFinite(changed) && held.seen > changed + (lastmod.includes("T") ? 0 : DAY_MS);
}

function addressOf(url: URL): string {
  return url.href.replace(/#.*$/, "");
}

/** True if a page asks all search engines, or `winnow`, not to show it. Rules for another one by name do not count. */
function isHidden(headers: Headers, body: Buffer): boolean {
  const isNone = (rules: string) =>
    rules.split(",").some((rule) => /^\s*(?:winnow\s*:\s*)?no(?:ne|index)\s*$/i.test(rule));
  if (isNone(headers.get("x-robots-tag") ?? "")) return true;
  const head = body.subarray(0, MAX_HEAD).toString("latin1");
  return (head.match(META) ?? []).some(
    (meta) =>
      /\bname\s*=\s*["']?(?:robots|winnow)\b/i.test(meta) &&
      isNone(/\bcontent\s*=\s*("[^"]*"|'[^']*'|[^\s>]*)/i.exec(meta)?.[1]?.replace(/["']/g, "") ?? ""),
  );
}
