import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { messageOf, WinnowError } from "../base/errors.ts";

/** SHA-256 over weights, config and tokenizer of an embedder: names the vectors it makes. Throws BadModel. */
export async function embedderDigest(modelDir: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["config.json", "tokenizer.json", "model.safetensors"]) {
    hash.update(`${file}\n`);
    try {
      for await (const chunk of createReadStream(join(modelDir, file))) hash.update(chunk);
    } catch (cause) {
      throw new WinnowError("BadModel", `${join(modelDir, file)} cannot be read: ${messageOf(cause)}`, { cause });
    }
  }
  return hash.digest("hex");
}
