import { posix } from "node:path";
import { addressOf, isDocusaurus } from "./addresses.ts";
import type { AnchorStyle } from "./anchors.ts";
import { isGatePage, latestStage, withoutHome } from "./formats/kubernetes.ts";
import { expandShortcodes } from "./formats/shortcodes.ts";
import type { ShortcodeContext } from "./formats/shortcodeText.ts";
import { type Page, pageUrl } from "./pages.ts";

const MAX_INCLUDE_DEPTH = 4;
/** Characters of other pages that one page may take in: includes of includes grow without bound. */
const MAX_INSERTED = 1_000_000;

interface Inserted {
  title: string;
  /** Up to `<!--more-->`. */
  short: string;
  all: string;
}

/** The pages of a source as a whole: what shortcodes and links look up in other pages. */
export class Site {
  private readonly byUrl = new Map<string, Page>();
  private readonly addresses = new Map<Page, string>();
  private readonly byPath = new Map<string, Page>();
  private readonly terms = new Map<string, Page>();
  private readonly gates = new Map<string, Page>();
  /** Shortcodes whose text is not in the source, by name. */
  readonly missing: Record<string, number> = {};
  private readonly insertions: Map<Page, Inserted>[] = [];
  /** Host of the docs' address, "" where that is a path. */
  private readonly host: string;
  private last: { page: Page; body: string } | null = null;

  constructor(
    readonly pages: Page[],
    readonly baseUrl: string,
    readonly anchorStyle: AnchorStyle = "goldmark",
  ) {
    this.host = /^[a-z]+:\/\/[^/]+/i.exec(baseUrl)?.[0] ?? "";
    const docusaurus = isDocusaurus(pages);
    for (const page of pages) {
      const address = addressOf(page, docusaurus, (path) => this.below(path));
      this.addresses.set(page, address);
      this.byPath.set(page.path, page);
      this.byUrl.set(withSlash(address.replace(/\.html$/, "")), page);
    }
    for (const page of pages) {
      if (!this.byUrl.has(pageUrl(page.path))) this.byUrl.set(pageUrl(page.path), page);
      for (const alias of aliases(page.data.aliases)) {
        const url = this.strip(alias);
        if (!this.byUrl.has(url)) this.byUrl.set(url, page);
      }
      if (typeof page.data.id === "string" && /(^|\/)glossary\//.test(page.path)) this.terms.set(page.data.id, page);
      if (isGatePage(page.path)) this.gates.set(page.title, page);
    }
  }

  /** Where a page is published. */
  urlOf(page: Page): string {
    const address = this.addresses.get(page) ?? pageUrl(page.path);
    return `${address.startsWith("/") ? this.host : this.baseUrl}${address}`;
  }

  /** Body of a page as Markdown without shortcodes; same line numbers. A page read again (see `bounded`) counts once. */
  expand(page: Page): string {
    if (this.last?.page !== page) this.last = { page, body: this.withoutShortcodes(page, 0) };
    return this.last.body;
  }

  private withoutShortcodes(page: Page, depth: number): string {
    const missing: string[] = [];
    const body = expandShortcodes(page.body, this.context(page, depth, missing));
    for (const name of missing) this.missing[name] = (this.missing[name] ?? 0) + 1;
    return body;
  }

  /** A page as it stands inside another: on one line; expanded once at each depth. */
  private inserted(page: Page, depth: number): Inserted {
    this.insertions[depth] ??= new Map();
    const known = this.insertions[depth].get(page);
    if (known) return known;
    const [short = "", ...rest] = this.withoutShortcodes(page, depth).split("<!--more-->");
    const made = { title: page.title, short: oneLine(short), all: oneLine([short, ...rest].join(" ")) };
    this.insertions[depth].set(page, made);
    return made;
  }

  /** The page and anchor a link on `from` points at, or null when it leads elsewhere. */
  resolve(from: Page, url: string): { page: Page; anchor: string | null } | null {
    const [path = "", anchor = null] = withoutHome(decode(url)).split("#", 2);
    if (/^[a-z][a-z0-9+.-]*:/i.test(path) || path.startsWith("//")) return null;
    const page = path === "" ? from : this.find(from, path.replace(/\?.*$/, "").replace(/\.html$/, ""));
    return page ? { page, anchor: anchor || null } : null;
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
      this.byPath.get(`${md}.md`) ??
      this.byPath.get(`${md}.mdx`)
    );
  }

  /** Where a browser goes from the address of a page: the last step of one that ends with no slash is no folder. */
  private beside(from: Page, path: string): Page | undefined {
    const address = this.addresses.get(from) ?? pageUrl(from.path);
    const base = address.startsWith("/") ? "/" : this.baseUrl.slice(this.host.length);
    const target = posix.join(base, address.replace(/[^/]+$/, ""), path);
    return this.byUrl.get(withSlash(this.below(target) ?? target));
  }

  /** Path below the docs root of an absolute address: with `/docs/` as base, `/docs/a/` is `a/`; one outside as if it were inside. */
  private strip(path: string): string {
    const absolute = path.replace(/^https?:\/\/[^/]+/, "");
    return this.below(absolute) ?? absolute.replace(/^\//, "");
  }

  private below(path: string): string | null {
    const base = this.baseUrl.slice(this.host.length);
    if (path.startsWith(base)) return path.slice(base.length);
    return `${path}/` === base ? "" : null;
  }

  private context(page: Page, depth: number, missing: string[]): ShortcodeContext {
    let room = MAX_INSERTED;
    const insert = (other: Page | undefined): Inserted | null => {
      if (!other || other === page || depth >= MAX_INCLUDE_DEPTH) return null;
      const inserted = this.inserted(other, depth + 1);
      room -= inserted.all.length;
      return room < 0 ? null : inserted;
    };
    return {
      term: (id) => this.terms.get(id)?.title ?? null,
      glossary: (id) => insert(this.terms.get(id)),
      featureGate: (name) => {
        const gate = this.gates.get(name);
        return gate ? latestStage(gate.data) : null;
      },
      featureGateText: (name) => insert(this.gates.get(name))?.all ?? null,
      include: (file) => {
        const folder = posix.dirname(page.path);
        const places = [posix.join(folder, file), posix.join("includes", file), file.replace(/^\//, "")];
        return insert(places.map((place) => this.byPath.get(place)).find(Boolean))?.all ?? null;
      },
      missing: (name) => missing.push(name),
    };
  }
}

/** Markdown on one line, so that putting it in place moves no line number. */
function oneLine(markdown: string): string {
  return markdown
    .replace(/<!--[\s\S]*?-->/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .join(" ");
}

function aliases(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((alias): alias is string => typeof alias === "string").map(withSlash) : [];
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
