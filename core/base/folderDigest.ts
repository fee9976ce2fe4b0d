import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { canonicalJson, sha256, sha256OfFile } from "./canonical.ts";

const known = new Map<string, { stamp: string; digest: string }>();

/** SHA-256 over the names and bytes of a folder's files. Files are read again only when a size or time changes. */
export async function folderDigest(folder: string): Promise<string> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) files.push(join(entry.parentPath ?? entry.path, entry.name));
  const digests: Record<string, string> = {};
  for (const file of files) digests[relative(folder, file)] = await fileDigest(file);
  return sha256(canonicalJson(digests));
}

/** SHA-256 of one file, which is read again only when its size or time changes. */
async function fileDigest(file: string): Promise<string> {
  const { size, mtimeMs, ino } = await stat(file);
  const stamp = `${size}:${mtimeMs}:${ino}`;
  const before = known.get(file);
  if (before?.stamp === stamp) return before.digest;
  const digest = await sha256OfFile(file);
  known.set(file, { stamp, digest });
  return digest;
}
