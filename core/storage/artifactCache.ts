import { randomUUID } from "node:crypto";
import { readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";

/** What was used so lately may be open in a process of this machine. */
const IN_USE_MS = 3600_000;

interface Kept {
  folder: string;
  bytes: number;
  usedAt: number;
}

/** What was used longest ago goes first. */
export async function markUsed(folder: string): Promise<void> {
  const now = new Date();
  await utimes(folder, now, now).catch(() => {});
}

/**
 * Marks `used` as used now, and removes the artifacts used longest ago until the others fit into `limit` bytes. What was
 * used within the last hour stays, even past the limit. Gives how many were removed.
 */
export async function evict(root: string, limit: number, used: string, inUseMs = IN_USE_MS): Promise<number> {
  await markUsed(used);
  const kept = await artifactsIn(root);
  let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  let removed = 0;
  for (const { folder, bytes, usedAt } of kept.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= limit) break;
    if (folder === used || Date.now() - usedAt < inUseMs) continue;
    // Gone at once for readers; a name that the sweep removes, should this process die in between.
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
