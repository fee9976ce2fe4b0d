import { posix } from "node:path";
import type { AnchorStyle } from "./anchors.ts";
import type { Expander, Inserted } from "./formats/format.ts";
import { EXTENSIONS, FORMATS, partsAmong, publishingOf, reads } from "./formats/index.ts";
import { type Page, pageUrl } from "./page.ts";

const MAX_INCLUDE_DEPTH = 4;
/** Characters of other pages that one page may include: nested includes can grow without bound. */
const MAX_INSERTED = 1_000_000;

/** All pages of a source, for expansion and links to look up other pages. */
export class Site {
  private readonly byUrl = new Map<string, Page>();
  private readonly addresses = new Map<Page, string>();
  private readonly byPath = new Map<string, Page>();
  /** Pages by the address that they were fetched from. */
  private readonly byAddress = new Map<string, Page>();
  /** Counts, by name, of marks whose text is not in the source. */
  readonly missing: Record<string, number> = {};
  private readonly insertions: Map<Page, Inserted>[] = [];
  private readonly expanders: { expand: Expander; reads(page: Page): boolean }[];
  /** The pages that have an address of their own. */
  readonly published: readonly Page[];
  readonly anchorStyle: AnchorStyle;
  /** Host of the docs' address, "" if the address is a path. */
  private readonly host: string;
  private last: { page: Page; body: string } | null = null;

  /**
   * @param generator name of the format whose configuration lies beside or above the pages, or null
   * @param fetchedFrom the address that a page was fetched from, by its path
   */
  constructor(
    readonly pages: Page[],
    readonly baseUrl: string,
    generator: string | null = null,
    private readonly fetchedFrom: (path: string) => string | undefined = () => undefined,
  ) {
    this.host = /^[a-z]+:\/\/[^/]+/i.exec(baseUrl)?.[0] ?? "";
    const parts = partsAmong(pages);
    this.published = pages.filter((page) => !parts.has(page));
    const { anchors, address } = publishingOf({ pages, generator });
    this.anchorStyle = anchors;
    this.expanders = FORMATS.flatMap((format) => {
      const expand = format.expander?.(pages);
      return expand ? { expand, reads: (page: Page) => reads(format, page) } : [];
    });
    for (const page of pages) this.byPath.set(page.path, page);
    for (const page of this.published) {
      const path = this.fixedAddress(page) ?? address(page, (other) => this.byPath.get(other));
      this.addresses.set(page, path);
      const fetched = fetchedFrom(page.path);
      if (fetched !== undefined) this.byAddress.set(plainAddress(fetched), page);
      this.byUrl.set(withSlash(path.replace(/\.html$/, "")), page);
    }
    for (const page of this.published) {
      if (!this.byUrl.has(pageUrl(page.path))) this.byUrl.set(pageUrl(page.path), page);
      for (const alias of FORMATS.flatMap((format) => format.aliases?.(page.data) ?? [])) {
        const url = this.strip(withSlash(alias));
        if (!this.byUrl.has(url)) this.byUrl.set(url, page);
      }
    }
  }

  /** Published address of a page. One that the page states counts if neither is the docs' own given nor was it fetched. */
  urlOf(page: Page): string {
    const fetched = this.fetchedFrom(page.path);
    if (fetched !== undefined) return fetched;
    const stated = this.host === "" ? FORMATS.find((format) => format.canonical && reads(format, page)) : undefined;
    const canonical = stated?.canonical?.(page.data) ?? "";
    if (canonical !== "") return canonical;
    const address = this.addresses.get(page) ?? pageUrl(page.path);
    return `${address.startsWith("/") ? this.host : this.baseUrl}${address}`;
  }

  /**
   * Body of a page with text of other pages in place of the marks for it; same line numbers. A page expanded again (see
   * `bounded`) is counted once.
   */
  expand(page: Page): string {
    if (this.last?.page !== page) this.last = { page, body: this.expanded(page, 0) };
    return this.last.body;
  }

  private fixedAddress(page: Page): string | null {
    for (const format of FORMATS) {
      const path = format.fixedAddress?.(page, (absolute) => this.below(absolute)) ?? null;
      if (path !== null) return path;
    }
    return null;
  }

  private expanded(page: Page, depth: number): string {
    const missing: string[] = [];
    const expansion = {
      page,
      pageAt: (path: string) => this.byPath.get(path),
      insert: this.inserter(page, depth),
      missing: (name: string) => missing.push(name),
    };
    const own = this.expanders.filter((expander) => expander.reads(page));
    const body = own.reduce((text, { expand }) => expand(text, expansion), page.body);
    for (const name of missing) this.missing[name] = (this.missing[name] ?? 0) + 1;
    return body;
  }

  /** A page included in another: on one line, expanded once at each depth. */
  private inserted(page: Page, depth: number): Inserted {
    this.insertions[depth] ??= new Map();
    const known = this.insertions[depth].get(page);
    if (known) return known;
    const [short = "", ...rest] = this.expanded(page, depth).split("<!--more-->");
    const made = { short: oneLine(short), all: oneLine([short, ...rest].join(" ")) };
    this.insertions[depth].set(page, made);
    return made;
  }

  /** The page that a link of a fetched page points at; undefined if its address is not known. */
  private fetched(from: Page, url: string): Page | undefined {
    const base = this.fetchedFrom(from.path);
    const target = base !== undefined && URL.canParse(url, base) ? new URL(url, base) : null;
    return target ? this.byAddress.get(plainAddress(target.href)) : undefined;
  }

  /** The page and anchor that a link on `from` points at, or null if it leads outside the docs. */
  resolve(from: Page, url: string): { page: Page; anchor: string | null } | null {
    const [path = "", anchor = null] = this.linked(decode(url)).split("#", 2);
    const fetched = path === "" ? undefined : this.fetched(from, path);
    if (fetched) return { page: fetched, anchor: anchor || null };
    if (/^[a-z][a-z0-9+.-]*:/i.test(path) || path.startsWith("//")) return null;
    const page = path === "" ? from : this.find(from, path.replace(/\?.*$/, "").replace(/\.html$/, ""));
    return page ? { page, anchor: anchor || null } : null;
  }

  private linked(url: string): string {
    return FORMATS.reduce((address, format) => format.link?.(address) ?? address, url);
  }

  private find(from: Page, path: string): Page | undefined {
    if (path.startsWith("/")) {
      const inside = this.strip(path);
      return this.byUrl.get(withSlash(path)) ?? this.byUrl.get(withSlash(inside)) ?? this.byPath.get(inside);
    }
    const folder = posix.dirname(from.path);
    const besideFile = posix.normalize(posix.join(folder === "." ? "" : folder, path));
    const md = besideFile.replace(/\/$/, "");
    return (
      this.byPath.get(md) ??
      this.beside(from, path) ??
      this.byUrl.get(withSlash(besideFile)) ??
      EXTENSIONS.map((extension) => this.byPath.get(`${md}.${extension}`)).find(Boolean)
    );
  }

  /** Resolves a path as a browser does: if the page's address ends without a slash, its last step is not a folder. */
  private beside(from: Page, path: string): Page | undefined {
    const address = this.addresses.get(from) ?? pageUrl(from.path);
    const base = address.startsWith("/") ? "/" : this.baseUrl.slice(this.host.length);
    const target = posix.join(base, address.replace(/[^/]+$/, ""), path);
    return this.byUrl.get(withSlash(this.below(target) ?? target));
  }

  /**
   * Path below the docs root of an absolute address: with `/docs/` as base, `/docs/a/` is `a/`. An address outside the
   * base is treated as if it were inside.
   */
  private strip(path: string): string {
    const absolute = path.replace(/^https?:\/\/[^/]+/, "");
    return this.below(absolute) ?? absolute.replace(/^\//, "");
  }

  private below(path: string): string | null {
    const base = this.baseUrl.slice(this.host.length);
    if (path.startsWith(base)) return path.slice(base.length);
    return `${path}/` === base ? "" : null;
  }

  private inserter(page: Page, depth: number): (other: Page | undefined) => Inserted | null {
    let room = MAX_INSERTED;
    return (other) => {
      if (!other || other === page || depth >= MAX_INCLUDE_DEPTH) return null;
      const inserted = this.inserted(other, depth + 1);
      room -= inserted.all.length;
      return room < 0 ? null : inserted;
    };
  }
}

/** Markdown on one line, so that inserting it moves no line number. */
function oneLine(markdown: string): string {
  return markdown
    .replace(/<!--[\s\S]*?-->/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .join(" ");
}

/** An address without what pages of one address differ in. */
function plainAddress(url: string): string {
  return url.replace(/#.*$/, "").replace(/(?:\/(?:index\.html?)?|\.html?)$/, "");
}

function withSlash(path: string): string {
  return path === "" || path.endsWith("/") ? path : `${path}/`;
}

function decode(url: string): string {
  try {
    return decodeURI(url);
  } catch {
    return url;
  }
}
