import { posix } from "node:path";
import type { Page } from "../../page.ts";
import { type Component, componentOf, resourceOf, resourcePath } from "./antora.ts";
import { type Attributes, withAttributes } from "./attributes.ts";
import { closedBody } from "./body.ts";
import { ASCIIDOC, type Files, Includes } from "./includes.ts";
import { isPart } from "./parts.ts";
import type { Targets } from "./phrasing.ts";
import { type IncludedFile, includedFile } from "./selection.ts";

/** Stands for the docs root in the value of `docdir`. */
const ROOT = "\u{e013}";
const REFERENCE = /(?:\bxref:|<<)([^\s[\]<>,#]+)/g;
const MAX_TARGETS = 5_000;
const MAX_TARGET = 500;
/** Characters that the pages of a tree may include while those shown only in others are looked for. */
const MAX_INCLUDED = 1_000_000_000;
/** Characters of included files whose lines are kept. */
const MAX_KEPT = 20_000_000;

/** All pages of a source, for includes and references between AsciiDoc pages. */
export class DocsTree {
  private readonly byPath: Map<string, Page>;
  private readonly components: Component[];
  private readonly files: Files;
  private readonly kept = new Map<string, IncludedFile>();
  private room = MAX_KEPT;

  constructor(
    private readonly pages: readonly Page[],
    private readonly maxIncluded = MAX_INCLUDED,
  ) {
    this.byPath = new Map(pages.map((page) => [page.path, page]));
    this.components = pages.flatMap((page) => componentOf(page) ?? []);
    this.files = {
      find: (target, from) => this.find(target, from),
      fileAt: (path) => this.fileAt(path),
    };
  }

  /** The pages that are shown only inside others. Files that are included after the room is used up stay pages. */
  parts(): Set<Page> {
    const shared = { left: this.maxIncluded };
    const pages = this.pages.filter(({ path }) => ASCIIDOC.test(path));
    if (pages.length === 0) return new Set();
    const inserted = new Map(pages.map((page) => [page.path, this.includedBy(page, shared)]));
    const elsewhere = new Set([...inserted].flatMap(([path, whole]) => [...whole].filter((other) => other !== path)));
    const roots = pages.filter(({ path }) => !elsewhere.has(path) && !this.isHidden(path));
    // Files that include each other in a circle stay pages: nothing else shows them.
    const shown = new Set(roots.flatMap(({ path }) => [...inserted.get(path)!]));
    const isRoot = new Set(roots.map(({ path }) => path));
    return new Set(
      this.pages.filter(({ path }) => {
        const resource = resourceOf(path);
        // Antora publishes its pages, included or not, and none whose name or folder starts with an underscore.
        if (resource?.family === "page") return /(?:^|\/)_/.test(resource.path);
        return this.isHidden(path) || (shown.has(path) && !isRoot.has(path));
      }),
    );
  }

  /** A page's title with the attributes of its component. */
  titleOf(page: Page): string {
    return page.title.includes("{") ? withAttributes(page.title, this.attributesOf(page)) : page.title;
  }

  /** Body of a page with its includes and surroundings; as many lines. */
  expanded(page: Page, missing: () => void): string {
    const includes = new Includes(this.files, this.attributesOf(page));
    const lines = includes.expanded(page.body.split("\n"), page.path);
    for (let i = 0; i < includes.missing; i++) missing();
    const { title } = page;
    return closedBody(lines, { title, attributes: this.given(page), targets: this.targetsIn(lines, page) });
  }

  private includedBy(page: Page, shared: { left: number }): Set<string> {
    if (!page.body.includes("include::")) return new Set();
    const includes = new Includes(this.files, this.attributesOf(page), shared);
    includes.expanded(page.body.split("\n"), page.path);
    return includes.whole;
  }

  /** Lines of a file. Pages often include many regions of the same one. */
  private fileAt(path: string): IncludedFile {
    const known = this.kept.get(path);
    if (known) return known;
    const file = includedFile(this.byPath.get(path)!.body);
    if (file.size > this.room) {
      this.kept.clear();
      this.room = MAX_KEPT;
    }
    this.kept.set(path, file);
    this.room -= file.size;
    return file;
  }

  private attributesOf(page: Page): Attributes {
    const attributes: Attributes = new Map([["docdir", `${ROOT}/${posix.dirname(page.path)}`]]);
    for (const [name, value] of Object.entries(this.given(page)))
      attributes.set(name, value === null ? null : value.replace(/@$/, ""));
    return attributes;
  }

  /** True for a file that Antora does not publish, and for one that is read only to be included. */
  private isHidden(path: string): boolean {
    if (isPart(path) || !ASCIIDOC.test(path)) return isPart(path);
    return resourceOf(path) === null && this.components.some(({ base }) => path.startsWith(base));
  }

  /** Path of a file that an include or a reference names. Only references start at the pages of an Antora module. */
  private find(target: string, from: string, isReference = false): string | null {
    if (target.length > MAX_TARGET || /^[a-z][a-z\d+.-]*:\/\//i.test(target)) return null;
    const asResource = resourcePath(target, from, "page", this.components);
    const isRooted = target.startsWith(`${ROOT}/`);
    if (target.startsWith("/") || target.includes("\\")) return null;
    const beside = isRooted ? posix.normalize(target.slice(ROOT.length + 1)) : posix.join(posix.dirname(from), target);
    const named = /^[^/]*[:$]/.test(target) || isReference ? [asResource, beside] : [beside, asResource];
    return named.find((path) => path !== null && this.byPath.has(path)) ?? null;
  }

  /** Attributes that Antora and the component set. */
  private given({ path }: Page): Record<string, string | null> {
    const { name, ext } = posix.parse(path);
    const own = { docname: name, docfilesuffix: ext };
    const resource = resourceOf(path);
    if (!resource) return own;
    const component = this.components.find(({ base }) => base === resource.base);
    return {
      ...own,
      idprefix: "@",
      idseparator: "-@",
      "env-site": "",
      "site-gen-antora": "",
      "page-component-name": component?.name ?? "",
      "page-component-version": component?.version ?? "",
      "page-module": resource.module,
      ...component?.attributes,
    };
  }

  /** The pages that references in these lines point at. */
  private targetsIn(lines: readonly (string | string[])[], page: Page): Targets {
    const found: Record<string, { url: string; title: string }> = {};
    let room = MAX_TARGETS;
    for (const line of lines.flat())
      for (const [, name] of line.matchAll(REFERENCE)) {
        const key = /\.[a-z]+$/i.test(name!) ? name! : `${name}.adoc`;
        if (Object.hasOwn(found, key) || room-- <= 0) continue;
        const target = this.byPath.get(this.find(key, page.path, true) ?? "");
        if (target) found[key] = { url: posix.relative(posix.dirname(page.path), target.path), title: target.title };
      }
    return found;
  }
}
