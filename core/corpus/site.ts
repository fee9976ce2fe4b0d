import { posix } from "node:path";
import { type Page, pageUrl } from "./pages.ts";
import { expandShortcodes } from "./shortcodes.ts";
import type { ShortcodeContext } from "./shortcodeText.ts";

const MAX_INCLUDE_DEPTH = 4;

/** The pages of a source as a whole: what shortcodes and links look up in other pages. */
export class Site {
  private readonly byUrl = new Map<string, Page>();
  private readonly byPath = new Map<string, Page>();
  private readonly terms = new Map<string, Page>();
  private readonly gates = new Map<string, Page>();
  /** Shortcodes whose text is not in the source, by name. */
  readonly missing: Record<string, number> = {};

  constructor(
    readonly pages: Page[],
    readonly baseUrl: string,
  ) {
    for (const page of pages) {
      this.byPath.set(page.path, page);
      this.byUrl.set(pageUrl(page.path), page);
      for (const alias of aliases(page.data.aliases)) {
        const url = this.strip(alias);
        if (!this.byUrl.has(url)) this.byUrl.set(url, page);
      }
      if (typeof page.data.id === "string" && /(^|\/)glossary\//.test(page.path)) this.terms.set(page.data.id, page);
      if (/(^|\/)feature-gates\//.test(page.path)) this.gates.set(page.title, page);
    }
  }

  /** Body of a page as Markdown without shortcodes; same line numbers. */
  expand(page: Page, depth = 0): string {
    return expandShortcodes(page.body, this.context(page, depth));
  }

  /** The page and anchor a link on `from` points at, or null when it leads elsewhere. */
  resolve(from: Page, url: string): { page: Page; anchor: string | null } | null {
    const [path = "", anchor = null] = decode(url)
      .replace(/^https?:\/\/(www\.)?kubernetes\.io(?=\/docs\/)/, "")
      .split("#", 2);
    if (/^[a-z][a-z0-9+.-]*:/i.test(path) || path.startsWith("//")) return null;
    const page = path === "" ? from : this.find(from, path.replace(/\?.*$/, ""));
    return page ? { page, anchor: anchor || null } : null;
  }

  private find(from: Page, path: string): Page | undefined {
    if (path.startsWith("/")) return this.byUrl.get(withSlash(this.strip(path))) ?? this.byPath.get(this.strip(path));
    const folder = posix.dirname(from.path);
    const besideFile = posix.normalize(posix.join(folder === "." ? "" : folder, path));
    const besideUrl = posix.normalize(posix.join(pageUrl(from.path), path));
    const md = besideFile.replace(/\/$/, "");
    return (
      this.byPath.get(md) ??
      this.byUrl.get(withSlash(besideUrl)) ??
      this.byUrl.get(withSlash(besideFile)) ??
      this.byPath.get(`${md}.md`)
    );
  }

  /** Path below the docs root of an absolute address: with `/docs/` as base, `/docs/a/` is `a/`. */
  private strip(path: string): string {
    const base = this.baseUrl.replace(/^[a-z]+:\/\/[^/]+/i, "");
    const absolute = path.replace(/^https?:\/\/[^/]+/, "");
    return absolute.startsWith(base) ? absolute.slice(base.length) : absolute.replace(/^\//, "");
  }

  private context(page: Page, depth: number): ShortcodeContext {
    const inner = (other: Page) => (depth < MAX_INCLUDE_DEPTH ? this.expand(other, depth + 1) : other.body);
    return {
      glossary: (id) => {
        const term = this.terms.get(id);
        if (!term) return null;
        const body = depth < MAX_INCLUDE_DEPTH ? inner(term) : "";
        const [short = "", ...rest] = body.split("<!--more-->");
        return { title: term.title, short: oneLine(short), all: oneLine([short, ...rest].join(" ")) };
      },
      featureGate: (name) => featureGate(this.gates.get(name), inner),
      include: (file) => {
        const folder = posix.dirname(page.path);
        const places = [posix.join(folder, file), posix.join("includes", file), file.replace(/^\//, "")];
        const found = places.map((place) => this.byPath.get(place)).find((candidate) => candidate !== undefined);
        return found && found !== page ? oneLine(inner(found)) : null;
      },
      missing: (name) => {
        this.missing[name] = (this.missing[name] ?? 0) + 1;
      },
    };
  }
}

function featureGate(
  gate: Page | undefined,
  inner: (page: Page) => string,
): ReturnType<ShortcodeContext["featureGate"]> {
  if (!gate) return null;
  const stages: unknown[] = Array.isArray(gate.data.stages) ? gate.data.stages : [];
  const last = (stages.at(-1) ?? {}) as { stage?: unknown; fromVersion?: unknown; defaultValue?: unknown };
  return {
    stage: String(last.stage ?? ""),
    from: String(last.fromVersion ?? ""),
    enabled: typeof last.defaultValue === "boolean" ? last.defaultValue : null,
    description: oneLine(inner(gate)),
  };
}

/** Markdown on one line, so that putting it in place moves no line number. */
function oneLine(markdown: string): string {
  return markdown
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/\s*\n\s*/g, " ")
    .trim();
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
