import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, WinnowError } from "../base/errors.ts";
import { frameOf, type TokenizerJson } from "./frame.ts";

/** How a tokenizer divides question and passage. */
export interface PairDivision {
  /** Id of the token between them. */
  separator: number;
  /** Whether the passage is in segment 1. RoBERTa's tokenizers, also those of BERTs such as multilingual-e5, have no segments. */
  hasSegments: boolean;
}

/** The division of pairs in the folder's `tokenizer.json`. Throws BadModel. */
export async function readDivision(modelDir: string): Promise<PairDivision> {
  const file = join(modelDir, "tokenizer.json");
  try {
    const tokenizer: TokenizerJson = JSON.parse(await readFile(file, "utf8"));
    const tokens = tokenizer.added_tokens ?? [];
    const { separator, pair } = frameOf(tokenizer, new Map(tokens.map(({ content, id }) => [content, id])));
    return { separator, hasSegments: pair.some(({ segment }) => segment === 1) };
  } catch (cause) {
    throw new WinnowError("BadModel", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** Id of the token between the texts of a pair, from the folder's `tokenizer.json`. Throws BadModel. */
export async function readSeparator(modelDir: string): Promise<number> {
  return (await readDivision(modelDir)).separator;
}
