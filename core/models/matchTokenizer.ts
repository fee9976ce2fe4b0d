import { WinnowError } from "../base/errors.ts";
import type { BaseModel } from "./baseModel.ts";
import type { Tokenizer } from "./wholeText.ts";

/** Extra rows that a table of word embeddings may have, from rounding up its size. */
const SPARE_ROWS = 1024;
const SPARE_SHARE = 0.1;

/**
 * Throws BadModel if the tokenizer belongs to another model: its ids exceed the model's vocabulary, the vocabulary is
 * far larger than the tokenizer's, or `config.json` names other special tokens.
 */
export function assertTokenizerMatches(tokenizer: Tokenizer, { network, raw }: BaseModel, folder: string): void {
  const refuse = (why: string) => new WinnowError("BadModel", `${folder}: the tokenizer is not this model's: ${why}`);
  const { largestId, frame } = tokenizer;
  const { vocabulary } = network;
  const spare = vocabulary - largestId - 1;
  if (spare < 0 || spare > Math.max(SPARE_ROWS, SPARE_SHARE * vocabulary)) {
    throw refuse(`its ids go up to ${largestId}, the model has ${vocabulary} words`);
  }
  const specials: [key: string, id: number | null][] = [["pad_token_id", frame.padding]];
  // BERT's configurations inherit these two from a base class, where they mean nothing.
  if (frame.doubled) specials.push(["bos_token_id", frame.first], ["eos_token_id", frame.separator]);
  for (const [key, id] of specials) {
    const expected = raw?.[key];
    if (typeof expected === "number" && id !== null && id !== expected) {
      throw refuse(`config.json says ${key} ${expected}, the tokenizer has ${id}`);
    }
  }
}
