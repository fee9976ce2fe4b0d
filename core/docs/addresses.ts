import { posix } from "node:path";
import { type Page, pageUrl } from "./page.ts";

const SAFE = /^(?!\/\/)[^\s:?#<>"{}\\]+$/;

/** Path of a page below the docs' address, from its file name and the `slug` of its front matter. */
export function fileAddress(page: Page): string {
  return namedAddress(page, pageUrl(page.path), safePath(page.data.slug));
}

/**
 * The address `byFile` of a page with its last step replaced by `name`; unchanged if `name` is "". A name that starts
 * with a slash replaces the whole path below the docs' address.
 */
export function namedAddress(page: Page, byFile: string, name: string): string {
  if (name.startsWith("/")) return withEnd(name.slice(1));
  if (name === "" || byFile === "" || posix.basename(page.path).toLowerCase().startsWith("_index.")) return byFile;
  return joinedPath(posix.dirname(byFile), name);
}

/** A path given in front matter; "" if the value is not a path or would lead to another host. */
export function safePath(value: unknown): string {
  return typeof value === "string" && SAFE.test(value.trim()) ? value.trim() : "";
}

/** Joins two paths without ever leaving the docs. */
export function joinedPath(folder: string, name: string): string {
  return withEnd(posix.join("/", folder, name).slice(1));
}

/** Ends an address with a slash unless it is that of a file. */
export function withEnd(path: string): string {
  return path === "" || path.endsWith("/") || path.endsWith(".html") ? path : `${path}/`;
}
