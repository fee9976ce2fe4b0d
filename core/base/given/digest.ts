import { createHash } from "node:crypto";
import { join } from "node:path";
import { canonicalJson, sha256 } from "../canonical.ts";
import { WinnowError } from "../errors.ts";
import { type Found, givenChunks, listGiven, lookAt, MB, Unreadable } from "./files.ts";

const MAX_BYTES = 500 * MB;
const MAX_ENTRIES = 10_000;
const MAX_DEPTH = 8;
const known = new Map<string, { stamp: string; digest: string }>();

/**
 * SHA-256 of a file that an input names, or over names and bytes of a folder's files. A file is read again only when its
 * size or time changes. Throws BadInput for what is no regular file, is too large or does not answer.
 */
export async function givenDigest(path: string): Promise<string> {
  try {
    const found = await lookAt(path);
    if (found === null) throw new Unreadable("ENOENT", "does not exist");
    if (found.kind !== "folder") return await digestOf(found);
    const digests: Record<string, string> = {};
    await addFolder(found.real, "", digests, { left: MAX_ENTRIES });
    return sha256(canonicalJson(digests));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new WinnowError("BadInput", `${path} ${error.message}`, { cause: error });
  }
}

async function addFolder(
  root: string,
  below: string,
  digests: Record<string, string>,
  budget: { left: number },
): Promise<void> {
  if (below.split("/").length > MAX_DEPTH) return;
  const entries = await listGiven(join(root, below), budget.left);
  budget.left -= entries.length;
  for (const { name, kind } of entries) {
    const path = below === "" ? name : `${below}/${name}`;
    if (kind === "folder") await addFolder(root, path, digests, budget);
    if (kind !== "file") continue;
    const found = await lookAt(join(root, path));
    if (found) digests[path] = await digestOf(found);
  }
}

async function digestOf({ real, stamp }: Found): Promise<string> {
  const before = known.get(real);
  if (before?.stamp === stamp) return before.digest;
  const hash = createHash("sha256");
  for await (const chunk of givenChunks(real, { maxBytes: MAX_BYTES, follow: false })) hash.update(chunk);
  const digest = hash.digest("hex");
  known.set(real, { stamp, digest });
  return digest;
}
