import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, WinnowError } from "../base/errors.ts";
import { frameOf, type TokenizerJson } from "./frame.ts";

/** Id of the token between the texts of a pair, from the folder's `tokenizer.json`. Throws BadModel. */
export async function readSeparator(modelDir: string): Promise<number> {
  const file = join(modelDir, "tokenizer.json");
  try {
    const tokenizer: TokenizerJson = JSON.parse(await readFile(file, "utf8"));
    const tokens = tokenizer.added_tokens ?? [];
    return frameOf(tokenizer, new Map(tokens.map(({ content, id }) => [content, id]))).separator;
  } catch (cause) {
    throw new WinnowError("BadModel", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
