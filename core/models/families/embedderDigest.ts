import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { messageOf, WinnowError } from "../../base/errors.ts";
import type { Reading } from "./family.ts";

/** Reading of texts by all-MiniLM-L6-v2. */
export const PLAIN: Reading = { pooling: "mean", prefixes: { questions: "", passages: "" }, maxTokens: 256 };

/**
 * SHA-256 over an embedder's files, and over its reading of texts unless that is the plain one. Identifies its vectors.
 * Throws BadModel.
 */
export async function embedderDigest(modelDir: string, files: readonly string[], reading: Reading): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${file}\n`);
    try {
      for await (const chunk of createReadStream(join(modelDir, file), { highWaterMark: 1 << 20 })) hash.update(chunk);
    } catch (cause) {
      throw new WinnowError("BadModel", `${join(modelDir, file)} cannot be read: ${messageOf(cause)}`, { cause });
    }
  }
  const settings = settingsOf(reading);
  if (settings !== settingsOf(PLAIN)) hash.update(settings);
  return hash.digest("hex");
}

function settingsOf({ pooling, prefixes, maxTokens }: Reading): string {
  return JSON.stringify([pooling, prefixes.questions, prefixes.passages, maxTokens]);
}
