import { basename, dirname, resolve } from "node:path";

/** Names a corpus after its path: `k8s-docs` for `/data/k8s-docs.tar.gz`, `website` for `website/content/en/docs`. */
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
