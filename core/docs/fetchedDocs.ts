import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SourceVersion } from "../../contracts/pipeline.ts";
import { WinnowError } from "../base/errors.ts";
import type { TaskProgress } from "../base/progress.ts";
import { fetchPages, resolveCommit } from "./gitSource.ts";
import { sourceDigest } from "./sourceDigest.ts";
import { parseGivenSource } from "./sourceSpec.ts";
import { Mirror } from "./website/mirror.ts";
import type { SitePolicy } from "./website/siteAddress.ts";
import { visitSite } from "./website/visitSite.ts";

export interface DocsDeps {
  home: string;
  /** Base folder of relative paths. */
  root: string;
  /** Environment variables passed to git. */
  gitEnv: Record<string, string>;
  /** Sites that may be visited. */
  sites: SitePolicy;
}

/** Cancellation and progress of a look at a source. */
export interface Look {
  signal: AbortSignal;
  onProgress?(progress: TaskProgress): void;
}

/** Current version of a source, read with as little work as possible. */
export async function versionOf(deps: DocsDeps, path: string, look: Look): Promise<SourceVersion> {
  const source = await parseGivenSource(path, deps.root);
  if (source.kind === "git")
    return { kind: "git", version: await resolveCommit(source, { env: deps.gitEnv, signal: look.signal }) };
  if (source.kind === "site") return { kind: "site", version: (await visited(deps, source.url, look)).digest() };
  const { kind, digest } = await sourceDigest(source.path);
  return { kind, version: digest };
}

/**
 * Version of the docs that a read would give now: a folder may have changed since the run began, a commit cannot. A
 * site is as the run saw it when it began; a machine that does not have it so visits it. Throws SourceUnavailable if the
 * site has changed since.
 */
export async function versionNow(deps: DocsDeps, path: string, begun: SourceVersion, look: Look): Promise<string> {
  if (begun.kind === "git") return begun.version;
  const source = await parseGivenSource(path, deps.root);
  if (source.kind === "site") return (await mirrored(deps, source.url, begun.version, look)).digest();
  return (await sourceDigest(path)).digest;
}

/** What `withDocs` reads. */
export interface Docs {
  /** Folder or archive of the pages. */
  folder: string;
  /** JSON file with the published address of each page, `[path, url][]`, if the source knows them. */
  addresses?: string;
  /** What became of the pages of a site when it was visited, for people. */
  report?: string;
}

/** Calls `read` with this version's pages. A commit's pages exist only during the call. */
export async function withDocs<T>(
  deps: DocsDeps,
  { path, version, ...look }: Look & { path: string; version: SourceVersion },
  read: (docs: Docs) => Promise<T>,
): Promise<T> {
  const source = await parseGivenSource(path, deps.root);
  if (source.kind === "local") return read({ folder: source.path });
  if (source.kind === "site") {
    const mirror = await mirrored(deps, source.url, version.version, look);
    return read({ folder: mirror.pagesFolder, addresses: mirror.addressesFile, report: mirror.report });
  }
  const cacheDir = cacheOf(deps);
  await mkdir(cacheDir, { recursive: true });
  const outDir = await mkdtemp(join(cacheDir, ".pages-"));
  try {
    const commit = { url: source.url, commit: version.version };
    await fetchPages(commit, { cacheDir, outDir }, { env: deps.gitEnv, signal: look.signal });
    return await read({ folder: outDir });
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}

function cacheOf({ home }: DocsDeps): string {
  return join(home, "sources");
}

async function visited(deps: DocsDeps, url: string, look: Look): Promise<Mirror> {
  return (await visitSite(url, { cacheDir: cacheOf(deps), policy: deps.sites, ...look })).mirror;
}

/** The pages of a site with this digest. Another worker may have resolved it, so this machine's may be older. */
async function mirrored(deps: DocsDeps, url: string, wanted: string, look: Look): Promise<Mirror> {
  const last = await Mirror.open(cacheOf(deps), url);
  if (last.digest() === wanted && (await last.isWhole())) return last;
  const now = await visited(deps, url, look);
  if (now.digest() === wanted) return now;
  throw new WinnowError("SourceUnavailable", `${url} changed since the run began. Start the run again`);
}
