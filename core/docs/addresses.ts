import { posix } from "node:path";
import { type Page, pageUrl } from "./page.ts";

const SAFE = /^(?!\/\/)[^\s:?#<>"{}\\]+$/;

/** Path of a page below the docs' address by its file, and the `slug` of its front matter. */
export function fileAddress(page: Page): string {
  return namedAddress(page, pageUrl(page.path), safePath(page.data.slug));
}

/**
 * The address `byFile` of a page with another last step, `name`; as it is where `name` is "". A name that starts with a
 * slash is the whole path below the docs' address.
 */
export function namedAddress(page: Page, byFile: string, name: string): string {
  if (name.startsWith("/")) return withEnd(name.slice(1));
  if (name === "" || byFile === "" || posix.basename(page.path).toLowerCase().startsWith("_index.")) return byFile;
  return joinedPath(posix.dirname(byFile), name);
}

/** A path that front matter gives; "" where it is none, or would lead to another host. */
export function safePath(value: unknown): string {
  return typeof value === "string" && SAFE.test(value.trim()) ? value.trim() : "";
}

/** Never leaves the docs, whatever the parts say. */
export function joinedPath(folder: string, name: string): string {
  return withEnd(posix.join("/", folder, name).slice(1));
}

/** An address ends with a slash, but for that of a file. */
export function withEnd(path: string): string {
  return path === "" || path.endsWith("/") || path.endsWith(".html") ? path : `${path}/`;
}
