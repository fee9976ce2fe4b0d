import "../base/noTelemetry.ts";

import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { AutoTokenizer, env, PreTrainedTokenizer } from "@xenova/transformers";
import { messageOf, WinnowError } from "../base/errors.ts";
import { frameOf, type TokenizerJson } from "./frame.ts";
import { FramedTexts, type Tokenizer, WholeTexts } from "./wholeText.ts";

const MAX_CACHED_WORDS = 200_000;

/**
 * Opens the tokenizer of a model folder (`tokenizer.json`, and `tokenizer_config.json` if it has one): WordPiece, or
 * the byte-level BPE and Unigram of RoBERTa and XLM-R. Never downloads anything.
 * Throws BadModel if the files are absent or do not parse.
 */
export async function openTokenizer(modelDir: string): Promise<Tokenizer> {
  return opened(modelDir, (inner, json) => {
    const frame = frameOf(json, inner.get_vocab());
    const modelLimit = Number(inner.config.model_max_length ?? Number.POSITIVE_INFINITY);
    const Texts = json.model?.type === "WordPiece" && !frame.doubled ? WordPieces : WholeTexts;
    return new Texts(inner, frame, largestIdOf(inner), modelLimit);
  });
}

/** The tokenizer of a model that adds no special tokens, and may have none. */
export interface PlainTokenizer {
  ids(text: string): readonly number[];
  readonly largestId: number;
}

/** Opens a model folder's tokenizer without its special tokens. Throws as {@link openTokenizer}. */
export async function openPlainTokenizer(modelDir: string): Promise<PlainTokenizer> {
  return opened(modelDir, (inner) => ({
    ids: (text) => inner.encode(text, { add_special_tokens: false }),
    largestId: largestIdOf(inner),
  }));
}

function largestIdOf(inner: PreTrainedTokenizer): number {
  return [...inner.get_vocab().values()].reduce((largest, id) => Math.max(largest, id), 0);
}

interface TokenizerFile extends TokenizerJson {
  model?: { type?: string };
}

async function opened<T>(modelDir: string, make: (inner: PreTrainedTokenizer, json: TokenizerFile) => T): Promise<T> {
  env.allowRemoteModels = false;
  const folder = resolve(modelDir);
  const file = join(folder, "tokenizer.json");
  if (!(await isFile(file))) throw new WinnowError("BadModel", `${file} is missing: the model folder has no tokenizer`);
  try {
    const json: TokenizerFile = JSON.parse(await readFile(file, "utf8"));
    // Look-up tables have no tokenizer_config.json, which the library asks for.
    const inner = (await isFile(join(folder, "tokenizer_config.json")))
      ? await AutoTokenizer.from_pretrained(folder, { local_files_only: true })
      : new PreTrainedTokenizer(json, {});
    return make(inner, json);
  } catch (cause) {
    throw new WinnowError("BadModel", `the tokenizer in ${folder} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** Throws BadModel if the tokenizer has ids that the model has no word for: it is another model's. */
export function requireWords(modelDir: string, { largestId }: { largestId: number }, vocabulary: number): void {
  if (largestId < vocabulary) return;
  const file = join(modelDir, "tokenizer.json");
  const problem = `its ids go up to ${largestId}, but the model has ${vocabulary} words; it is another model's`;
  throw new WinnowError("BadModel", `${file}: ${problem}`);
}

/**
 * BERT's pre-tokenizer always splits at blanks, so a text's ids are those of its blank-separated words. Docs repeat
 * their words: caching each word's ids makes counting several times faster.
 */
class WordPieces extends FramedTexts {
  private readonly words = new Map<string, readonly number[]>();

  constructor(
    private readonly inner: PreTrainedTokenizer,
    ...rest: ConstructorParameters<typeof FramedTexts>
  ) {
    super(...rest);
  }

  count(text: string): number {
    let count = 0;
    for (const word of blankSeparated(text)) count += this.idsOfWord(word).length;
    return count;
  }

  protected idsOf(text: string, limit: number): { ids: number[]; cut: boolean } {
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
