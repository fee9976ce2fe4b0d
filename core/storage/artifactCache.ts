import { randomUUID } from "node:crypto";
import { readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

/** Artifacts used within this time may be open in a process of this machine. */
const IN_USE_MS = 3600_000;

interface Kept {
  folder: string;
  bytes: number;
  usedAt: number;
}

/** Marks a folder as used now; eviction starts with the least recently used. */
export async function markUsed(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => {});
}

/**
 * Marks `used` as used now, and evicts the least recently used other artifacts until those fit into `limit` bytes.
 * Artifacts used within the last hour stay, even above the limit. Returns the number of evicted artifacts.
 */
export async function evict(root: string, limit: number, used: string, inUseMs = IN_USE_MS): Promise<number> {
  await markUsed(used);
  const kept = await artifactsIn(root);
  let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  let removed = 0;
  for (const { folder, bytes, usedAt } of kept.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= limit) break;
    if (folder === used || Date.now() - usedAt < inUseMs) continue;
    // Readers stop seeing the artifact at once. The sweep removes drafts, in case this process dies meanwhile.
    const doomed = join(folder, "..", `.draft-${randomUUID()}`);
    if (
      !(await rename(folder, doomed).then(
        () => true,
        () => false,
      ))
    )
      continue;
    await rm(doomed, { recursive: true, force: true });
    total -= bytes;
    removed++;
  }
  return removed;
}

async function artifactsIn(root: string): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (const stage of await readdir(root).catch(() => [] as string[]))
    for (const digest of await readdir(join(root, stage)).catch(() => [] as string[]))
      if (/^[0-9a-f]{64}$/.test(digest)) kept.push(await measure(join(root, stage, digest)));
  return kept;
}

async function measure(folder: string): Promise<Kept> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
    if (entry.isFile()) bytes += await sizeOf(join(entry.parentPath ?? entry.path, entry.name));
  const usedAt = await stat(folder).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  return { folder, bytes, usedAt };
}

function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
