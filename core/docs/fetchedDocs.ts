import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SourceVersion } from "../../contracts/pipeline.ts";
import { fetchPages, resolveCommit } from "./gitSource.ts";
import { sourceDigest } from "./sourceDigest.ts";
import { parseGivenSource } from "./sourceSpec.ts";

export interface DocsDeps {
  home: string;
  /** Base folder of relative paths. */
  root: string;
  /** Environment variables passed to git. */
  gitEnv: Record<string, string>;
}

/** Current version of a source, read with as little work as possible. */
export async function versionOf({ root, gitEnv }: DocsDeps, path: string, signal: AbortSignal): Promise<SourceVersion> {
  const source = await parseGivenSource(path, root);
  if (source.kind === "git") return { kind: "git", version: await resolveCommit(source, { env: gitEnv, signal }) };
  const { kind, digest } = await sourceDigest(source.path);
  return { kind, version: digest };
}

/** Calls `read` with a folder or archive of this version's pages. A commit's pages exist only during the call. */
export async function withDocs<T>(
  { home, root, gitEnv }: DocsDeps,
  { path, version, signal }: { path: string; version: SourceVersion; signal: AbortSignal },
  read: (folder: string) => Promise<T>,
): Promise<T> {
  const source = await parseGivenSource(path, root);
  if (source.kind === "local") return read(source.path);
  const cacheDir = join(home, "sources");
  await mkdir(cacheDir, { recursive: true });
  const outDir = await mkdtemp(join(cacheDir, ".pages-"));
  try {
    const commit = { url: source.url, commit: version.version };
    await fetchPages(commit, { cacheDir, outDir }, { env: gitEnv, signal });
    return await read(outDir);
  } finally {
    await rm(outDir, { recursive: true, force: true });
  }
}
