import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AutoTokenizer, env, type PreTrainedTokenizer } from "@xenova/transformers";
import { messageOf, WinnowError } from "../errors.ts";

/** Question tokens a pair keeps when the caller gives no other limit. */
export const MAX_QUESTION_TOKENS = 48;
const MAX_CACHED_WORDS = 200_000;

export interface Tokenizer {
  /** Wordpieces of `text`, without [CLS] and [SEP]. */
  count(text: string): number;
  /** [CLS] text [SEP], the text cut so that the whole has at most `maxTokens` ids. */
  encode(text: string, maxTokens: number): { ids: number[] };
  /**
   * [CLS] question [SEP] passage [SEP] with segment ids 0 and 1: the question is cut to `maxQuestionTokens`, the
   * passage to what is then left of `maxTokens`; `cut` tells whether either was.
   */
  encodePair(
    question: string,
    passage: string,
    maxTokens: number,
    maxQuestionTokens?: number,
  ): { ids: number[]; typeIds: number[]; cut: boolean };
  /** The largest id it gives: what the model's vocabulary must hold. */
  readonly largestId: number;
}

/**
 * Opens the tokenizer of a model folder (`tokenizer.json`, `tokenizer_config.json`); nothing is ever downloaded.
 * Throws BadModel when the files are absent or do not parse.
 */
export async function openTokenizer(modelDir: string): Promise<Tokenizer> {
  env.allowRemoteModels = false;
  const folder = resolve(modelDir);
  const file = join(folder, "tokenizer.json");
  if (!(await isFile(file))) throw new WinnowError("BadModel", `${file} is missing: the model folder has no tokenizer`);
  try {
    const inner = await AutoTokenizer.from_pretrained(folder, { local_files_only: true });
    return new WordPieces(inner);
  } catch (cause) {
    throw new WinnowError("BadModel", `the tokenizer in ${folder} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/**
 * BERT's pre-tokenizer always splits at blanks, so a text's ids are those of its blank-separated words; docs repeat
 * their words, and remembering each word's ids makes counting several times as fast as tokenizing anew.
 */
class WordPieces implements Tokenizer {
  private readonly words = new Map<string, readonly number[]>();
  private readonly cls: number;
  private readonly sep: number;

  readonly largestId: number;

  constructor(private readonly inner: PreTrainedTokenizer) {
    this.largestId = [...inner.get_vocab().values()].reduce((largest, id) => Math.max(largest, id), 0);
    [this.cls, this.sep] = ["[CLS]", "[SEP]"].map((token) => {
      const ids = inner.encode(token, { add_special_tokens: false });
      if (ids.length !== 1) throw new Error(`not a BERT tokenizer: it has no ${token} token`);
      return ids[0];
    }) as [number, number];
  }

  count(text: string): number {
    let count = 0;
    for (const word of blankSeparated(text)) count += this.idsOfWord(word).length;
    return count;
  }

  encode(text: string, maxTokens: number): { ids: number[] } {
    return { ids: [this.cls, ...this.idsOf(text, maxTokens - 2).ids, this.sep] };
  }

  encodePair(question: string, passage: string, maxTokens: number, maxQuestionTokens = MAX_QUESTION_TOKENS) {
    const first = this.idsOf(question, Math.min(maxQuestionTokens, maxTokens - 3));
    const second = this.idsOf(passage, maxTokens - 3 - first.ids.length);
    const ids = [this.cls, ...first.ids, this.sep, ...second.ids, this.sep];
    const typeIds = ids.map((_, position) => (position < first.ids.length + 2 ? 0 : 1));
    return { ids, typeIds, cut: first.cut || second.cut };
  }

  private idsOf(text: string, limit: number): { ids: number[]; cut: boolean } {
    const ids: number[] = [];
    let cut = false;
    for (const word of blankSeparated(text)) {
      const more = this.idsOfWord(word);
      cut = ids.length + more.length > limit;
      ids.push(...more);
      if (cut) break;
    }
    ids.length = Math.min(ids.length, Math.max(0, limit));
    return { ids, cut };
  }

  private idsOfWord(word: string): readonly number[] {
    const known = this.words.get(word);
    if (known) return known;
    const ids = this.inner.encode(word, { add_special_tokens: false });
    if (this.words.size >= MAX_CACHED_WORDS) this.words.clear();
    this.words.set(word, ids);
    return ids;
  }
}

function blankSeparated(text: string): string[] {
  return text.split(/[ \t\r\n]+/).filter((word) => word !== "");
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
