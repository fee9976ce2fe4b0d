import { type Frame, framed, specials } from "./frame.ts";

/** Most tokens of a pair, including special tokens. */
export const MAX_PAIR_TOKENS = 224;

/** Default limit of a question's tokens in a pair. */
export const MAX_QUESTION_TOKENS = 48;

/** The library's tokenizer of one model. */
export type WholeTokenizer = { encode(text: string, options: { add_special_tokens: boolean }): number[] };

export interface Tokenizer {
  /** Wordpieces of `text`, without special tokens. */
  count(text: string): number;
  /** The text in the tokenizer's own frame, such as [CLS] text [SEP], cut so that the whole has at most `maxTokens` ids. */
  encode(text: string, maxTokens: number): { ids: number[] };
  /**
   * Both texts in the tokenizer's own frame, such as [CLS] question [SEP] passage [SEP] with segments 0 and 1. The
   * question is cut to `maxQuestionTokens`, the passage to the remaining `maxTokens`. `cut` reports whether either was.
   */
  encodePair(
    question: string,
    passage: string,
    maxTokens: number,
    maxQuestionTokens?: number,
  ): { ids: number[]; typeIds: number[]; cut: boolean };
  /** The tokenizer's largest id, which the model's vocabulary must contain. */
  readonly largestId: number;
  readonly frame: Frame;
  /** Most ids that its model takes, from `tokenizer_config.json`; Infinity if not stated there. */
  readonly modelLimit: number;
}

/** Puts the ids of texts into the tokenizer's frame, cut to the limit. */
export abstract class FramedTexts implements Tokenizer {
  constructor(
    readonly frame: Frame,
    readonly largestId: number,
    readonly modelLimit: number,
  ) {}

  abstract count(text: string): number;

  /** The first `limit` ids of a text, without special tokens; `cut` if it has more. */
  protected abstract idsOf(text: string, limit: number): { ids: number[]; cut: boolean };

  encode(text: string, maxTokens: number): { ids: number[] } {
    const { single } = this.frame;
    const { ids } = framed(single, { A: this.idsOf(text, maxTokens - specials(single)).ids });
    return { ids };
  }

  encodePair(question: string, passage: string, maxTokens: number, maxQuestionTokens = MAX_QUESTION_TOKENS) {
    const { pair } = this.frame;
    const room = maxTokens - specials(pair);
    const a = this.idsOf(question, Math.min(maxQuestionTokens, room));
    const b = this.idsOf(passage, room - a.ids.length);
    return { ...framed(pair, { A: a.ids, B: b.ids }), cut: a.cut || b.cut };
  }
}

/** Byte-level BPE and Unigram tokenizers. A word's ids depend on the text before it, so a text is encoded whole. */
export class WholeTexts extends FramedTexts {
  constructor(
    private readonly inner: WholeTokenizer,
    ...rest: ConstructorParameters<typeof FramedTexts>
  ) {
    super(...rest);
  }

  count(text: string): number {
    return this.all(text).length;
  }

  protected idsOf(text: string, limit: number): { ids: number[]; cut: boolean } {
    const all = this.all(text);
    return { ids: all.slice(0, Math.max(0, limit)), cut: all.length > limit };
  }

  private all(text: string): number[] {
    return this.inner.encode(text, { add_special_tokens: false });
  }
}
