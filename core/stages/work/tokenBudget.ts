import { join } from "node:path";
import { sha256OfFile } from "../../base/canonical.ts";
import type { PassageSizes } from "../../docs/passages.ts";
import { readModelFolder } from "../../models/reading/readModelFolder.ts";
import { openTokenizer } from "../../models/tokenizer.ts";
import { MAX_PAIR_TOKENS, MAX_QUESTION_TOKENS } from "../../models/wholeText.ts";

/**
 * A passage is a whole section if it fits the 512 wordpieces of a BERT next to a question of 48. A window is as long as
 * the texts all-MiniLM-L6-v2 was trained on.
 */
const SIZES: PassageSizes = { passage: 448, window: 160 };
/** Special tokens around a text, and most of them around a pair. */
const AROUND_TEXT = 2;
const AROUND_PAIR = 4;
/** A short model keeps at most this share of its tokens for the question. */
const QUESTION_SHARE = 0.25;

/** How a text is measured, so that neither embedder nor reranker cuts a window. */
export interface TokenBudget {
  /** Wordpieces of a text: those of the tokenizer that makes more of it. */
  count(text: string): number;
  sizes: PassageSizes;
  /** SHA-256 of each tokenizer that counts. */
  tokenizers: string[];
}

/**
 * The token budget of two models. Two tokenizers can differ by half on the same text, so a window has to fit by both. A
 * model that reads less than the usual window makes it shorter. Throws BadModel.
 */
export async function tokenBudget({
  tokenizerDir,
  rerankerDir = tokenizerDir,
  sizes = SIZES,
}: {
  /** Folder of the embedder. */
  tokenizerDir: string;
  rerankerDir?: string;
  sizes?: PassageSizes;
}): Promise<TokenBudget> {
  const digestOf = (dir: string) => sha256OfFile(join(dir, "tokenizer.json"));
  const ofEmbedder = await openTokenizer(tokenizerDir);
  const digests = [await digestOf(tokenizerDir), await digestOf(rerankerDir)] as const;
  const isSame = digests[0] === digests[1];
  const ofReranker = isSame && rerankerDir === tokenizerDir ? ofEmbedder : await openTokenizer(rerankerDir);
  const { maxTokens, prefixes } = await readModelFolder(tokenizerDir);
  const room = maxTokens - AROUND_TEXT - ofEmbedder.count(prefixes.passage);
  const beside = roomBesideQuestion((await readModelFolder(rerankerDir)).maxTokens);
  const window = Math.min(sizes.window, room, beside);
  const count = isSame
    ? (text: string) => ofEmbedder.count(text)
    : (text: string) => Math.max(ofEmbedder.count(text), ofReranker.count(text));
  return { count, sizes: { ...sizes, window }, tokenizers: [...new Set(digests)] };
}

/** Most tokens of a passage that a reranker reads beside a question. */
function roomBesideQuestion(maxTokens: number): number {
  const limit = Math.min(MAX_PAIR_TOKENS, maxTokens);
  return limit - AROUND_PAIR - Math.min(MAX_QUESTION_TOKENS, Math.floor(limit * QUESTION_SHARE));
}
