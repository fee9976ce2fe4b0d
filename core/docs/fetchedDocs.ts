import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SourceVersion } from "../../contracts/pipeline.ts";
import { fetchPages, resolveCommit } from "./gitSource.ts";
import { sourceDigest } from "./sourceDigest.ts";
import { parseSource } from "./sourceSpec.ts";

export interface DocsDeps {
  home: string;
  /** Folder relative paths are resolved against. */
  root: string;
  /** Variables git inherits. */
  gitEnv: Record<string, string>;
}

/** What a source holds now, without reading more of it than needed. */
export async function versionOf({ root, gitEnv }: DocsDeps, path: string, signal: AbortSignal): Promise<SourceVersion> {
  const source = parseSource(path, root);
  if (source.kind === "git") return { kind: "git", version: await resolveCommit(source, { env: gitEnv, signal }) };
  const { kind, digest } = await sourceDigest(source.path);
  return { kind, version: digest };
}

/** Gives `read` a folder or archive with the pages of this version; a commit's pages lie there only meanwhile. */
export async function withDocs<T>(
  { home, root, gitEnv }: DocsDeps,
  { path, version, signal }: { path: string; version: SourceVersion; signal: AbortSignal },
  read: (folder: string) => Promise<T>,
): Promise<T> {
  const source = parseSource(path, root);
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
