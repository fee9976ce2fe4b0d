import { basename, dirname, resolve } from "node:path";

/** Endings of the page files of all formats. The formats state them too, but load their parsers. */
export const PAGE_ENDINGS: readonly string[] = [
  ...["md", "mdx", "markdown", "ipynb", "json", "yaml", "yml"],
  ...["html", "htm", "xhtml", "txt", "text", "adoc", "asciidoc", "ad"],
];
const PAGE = new RegExp(`(?<=.)\\.(?:${PAGE_ENDINGS.join("|")})$`, "i");

/** True for the path of a single page. */
export function isPagePath(path: string): boolean {
  return PAGE.test(basename(path));
}

/**
 * Names a corpus after a path: `k8s-docs` for `/data/k8s-docs.tar.gz`, `website` for `website/content/en/docs`, `openapi`
 * for `openapi.yaml`.
 */
export function pathName(path: string): string {
  return corpusName(isPagePath(path) ? path.replace(PAGE, "") : path);
}

/** As `pathName`, for a place whose last part may end like a page and is none: a host, a repository. */
export function corpusName(path: string): string {
  const parts = resolve(path).split(/[\\/]/).filter(Boolean);
  const own = basename(resolve(path)).replace(/\.(tar\.gz|tgz)$/i, "");
  const generic = /^(docs?|documentation|content|sources?|src|[a-z]{2}(-[a-z]{2})?)$/i;
  const telling = generic.test(own)
    ? (parts.reverse().find((part) => !generic.test(part)) ?? basename(dirname(path)))
    : own;
  const slug = telling
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+/, "")
    .slice(0, 63);
  return slug || "docs";
}
