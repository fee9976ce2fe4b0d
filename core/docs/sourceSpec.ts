import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { WinnowError } from "../base/errors.ts";
import { type Found, liesBelow, lookAt, Unreadable } from "../base/given/files.ts";
import { corpusName, pathName } from "./corpusName.ts";
import { isShort, parseGitAddress } from "./gitAddress.ts";
import { permitRepository } from "./localRepository.ts";
import { isSitemap, parseSitemapAddress } from "./website/siteAddress.ts";

/** Source of docs: a folder or archive on this machine, a commit of a git repository, or the pages of a sitemap. */
export type SourceSpec = { kind: "local"; path: string } | GitSpec | SiteSpec;

export interface SiteSpec {
  kind: "site";
  /** Address of the sitemap. */
  url: string;
}

export interface GitSpec {
  kind: "git";
  /** Address for git: https, ssh, or an absolute path. */
  url: string;
  /** Branch, tag or commit; "HEAD" is the repository's default branch. */
  ref: string;
  /** Host of a remote repository; null for one on this machine. */
  host: string | null;
}

/** Sources that the operator allows in workflow input. */
export interface SourcePolicy {
  /** Folders that docs and repositories must lie below; null allows any folder on this machine. */
  roots: string[] | null;
  /** Hosts that git may contact. */
  hosts: string[];
  /** Origins whose pages may be fetched. */
  origins: string[];
}

const REF = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,199}$/;

/**
 * Parses a source as users write it: `PATH`, `PATH.tar.gz`, `https://host/repo#ref`, `ssh://...`, `git@host:repo#ref`,
 * `file:///repo#ref`, `/repo#ref`, `https://host/sitemap.xml`. Rejects text that git could read as an option or a helper. Throws BadSource.
 *
 * @param exists whether a path exists, which tells the folder `c#notes` from the branch `notes` of the repository `c`
 */
export function parseSource(text: string, base: string, exists: (path: string) => boolean = existsSync): SourceSpec {
  if (isSitemap(text)) {
    const sitemap = parseSitemapAddress(text);
    if ("refused" in sitemap) throw refused(text, sitemap.refused);
    return { kind: "site", ...sitemap };
  }
  const local = resolve(base, text);
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:(:|[\\/]{2})/.test(text);
  const [address, ref] = splitRef(text);
  const short = isShort(address);
  if (!scheme && !short && (ref === null || exists(local))) return { kind: "local", path: local };
  const checked = ref ?? "HEAD";
  if (!REF.test(checked) || checked.includes("..") || checked.endsWith(".lock"))
    throw refused(text, `"${ref}" is not a name of a branch, tag or commit`);
  if (!scheme && !short) return { kind: "git", url: resolve(base, address), ref: checked, host: null };
  const parsed = parseGitAddress(address);
  if ("refused" in parsed) throw refused(text, parsed.refused);
  return { kind: "git", ref: checked, ...parsed };
}

/** As `parseSource`, for text from an input: its path may lie on a mount that does not answer. */
export async function parseGivenSource(text: string, base: string): Promise<SourceSpec> {
  const found = text.includes("#") && !text.includes("\0") ? await look(resolve(base, text), "docs.path") : null;
  return parseSource(text, base, () => found !== null);
}

/** The source as text that `parseSource` parses in any process. */
export function sourceText(source: SourceSpec): string {
  if (source.kind === "local") return source.path;
  return source.kind === "git" ? `${source.url}#${source.ref}` : source.url;
}

/** Default name of the corpus. */
export function sourceName(source: SourceSpec): string {
  if (source.kind === "site") return corpusName(new URL(source.url).hostname);
  if (source.kind === "local") return pathName(source.path);
  return corpusName(source.url.replace(/(\/|\.git)+$/, ""));
}

/**
 * The source in the form that was checked: where the operator named folders, its path has no links. Throws BadSource if
 * the operator does not allow the place, or if it does not exist.
 */
export async function permitSource(source: SourceSpec, { roots, hosts, origins }: SourcePolicy): Promise<SourceSpec> {
  if (source.kind === "site") {
    const { origin } = new URL(source.url);
    if (origins.includes(origin)) return source;
    throw refused(source.url, `${origin} ${notAmong(origins)} (WINNOW_SITE_HOSTS)`);
  }
  if (source.kind === "git" && source.host !== null) {
    if (hosts.includes(source.host)) return source;
    throw refused(source.url, `host ${source.host} ${notAmong(hosts)} (WINNOW_GIT_HOSTS)`);
  }
  if (source.kind === "local") return { ...source, path: await permitFile(source.path, "docs.path", { roots }) };
  const url = await permitFile(source.url, "docs.path", { roots });
  if (roots === null) return source;
  return { ...source, url: await permitRepository(url, (found, what) => permitPlace(found, what, roots)) };
}

/**
 * The path to read, which has no links where the operator named folders. Throws BadSource unless `path` is a file or
 * folder and lies below one of them. `field` names it in errors.
 */
export async function permitFile(path: string, field: string, { roots }: Pick<SourcePolicy, "roots">): Promise<string> {
  const found = await look(path, field);
  if (found === null) throw new WinnowError("BadSource", `${field}: ${path} does not exist`);
  if (found.kind !== "file" && found.kind !== "folder")
    throw new WinnowError("BadSource", `${field}: ${path} is a ${found.kind}, not a file or folder`);
  if (roots === null) return path;
  await permitPlace(found, path, roots, field);
  return found.real;
}

async function permitPlace(found: Found, path: string, roots: string[], field = "docs.path"): Promise<void> {
  if (await liesBelow(found, roots)) return;
  throw refused(path, `it does not lie below ${roots.join(" or ")} (WINNOW_DOCS_ROOTS)`, field);
}

async function look(path: string, field: string): Promise<Found | null> {
  try {
    return await lookAt(path);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new WinnowError("BadSource", `${field}: ${path} ${error.message}`, { cause: error });
  }
}

function splitRef(text: string): [string, string | null] {
  const at = text.lastIndexOf("#");
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

function refused(source: string, why: string, field = "docs.path"): WinnowError {
  return new WinnowError("BadSource", `${field}: ${JSON.stringify(source)} is refused: ${why}.`);
}

function notAmong(allowed: readonly string[]): string {
  return allowed.length > 0
    ? `is not one of ${allowed.join(", ")}`
    : "is not allowed: the workers' setting names no host";
}
