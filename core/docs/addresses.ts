import { posix } from "node:path";
import { type Page, pageUrl } from "./pages.ts";

/** Front matter that only Docusaurus reads. */
const DOCUSAURUS = ["sidebar_position", "sidebar_label", "sidebar_class_name", "pagination_label", "pagination_next"];
/** Docusaurus orders files by a number before their name, which is no part of the address; `2024-05` and `1.2-x` are none. */
const NUMBER = /^\d+\s*[-_.]+\s*(?![\d\s._-])/;
const SAFE = /^(?!\/\/)[^\s:?#<>"{}\\]+$/;

export function isDocusaurus(pages: Page[]): boolean {
  return pages.some(({ data }) => DOCUSAURUS.some((key) => Object.hasOwn(data, key)));
}

/**
 * Path of a page below the docs' address: as its front matter fixes it (Hugo's `url` and `slug`, Jekyll's `permalink`,
 * the `slug` and `id` of Docusaurus), else by its file. It starts with a slash where the page lies outside the docs.
 *
 * @param below takes the docs' own address off a path that starts at the site's root; `null` where it has another.
 */
export function addressOf(page: Page, docusaurus: boolean, below: (path: string) => string | null): string {
  const whole = safePath(page.data.url);
  if (whole.startsWith("/")) return withEnd(below(whole)?.replace(/^\/+/, "") ?? whole);
  const permalink = safePath(page.data.permalink);
  // Jekyll puts the site's own address in front, and serves the path as it is written: a slash more is another page.
  if (permalink.startsWith("/")) return (below(permalink) ?? permalink).replace(/^\/+/, "");
  const byFile = pageUrl(docusaurus ? page.path.split("/").map(withoutNumber).join("/") : page.path);
  const slug = safePath(page.data.slug);
  if (slug.startsWith("/")) return withEnd(slug.slice(1));
  const file = posix.basename(page.path).toLowerCase();
  if (/^(index|readme)\./.test(file) && docusaurus) return slug ? joinedPath(byFile, slug) : byFile;
  const name = slug || (docusaurus ? safePath(page.data.id).replace(/.*\//, "") : "");
  if (name === "" || byFile === "" || file.startsWith("_index.")) return byFile;
  return joinedPath(posix.dirname(byFile), name);
}

function safePath(value: unknown): string {
  return typeof value === "string" && SAFE.test(value.trim()) ? value.trim() : "";
}

function withoutNumber(segment: string): string {
  return segment.replace(NUMBER, "");
}

function joinedPath(folder: string, name: string): string {
  return withEnd(posix.join("/", folder, name).slice(1));
}

/** An address ends with a slash, but for that of a file. */
function withEnd(path: string): string {
  return path === "" || path.endsWith("/") || path.endsWith(".html") ? path : `${path}/`;
}
