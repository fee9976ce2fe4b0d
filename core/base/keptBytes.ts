import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { replaceFile } from "./replaceFile.ts";

const DIGEST_BYTES = 32;

/**
 * Returns the bytes cached in a file, after checking their SHA-256. Makes and stores them when the file is missing or
 * damaged. A file that cannot be written only costs time.
 */
export async function keptBytes(file: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const kept = await readFile(file).catch(() => null);
  const found = kept?.subarray(DIGEST_BYTES);
  if (kept && found && digestOf(found).equals(kept.subarray(0, DIGEST_BYTES))) return found;
  const bytes = await make();
  await replaceFile(file, Buffer.concat([digestOf(bytes), bytes])).catch(() => {});
  return bytes;
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
