/** Most tokens of a pair, including special tokens. */
export const MAX_PAIR_TOKENS = 224;

/** Default limit of a question's tokens in a pair. */
export const MAX_QUESTION_TOKENS = 48;

/** Special ids around a text: [CLS] and [SEP] of BERT, or <s> and </s> of RoBERTa. */
export interface Frame {
  first: number;
  separator: number;
  /** Padding token; null if the tokenizer has none. */
  padding: number | null;
  /** RoBERTa puts two separators between the parts of a pair, and has no segments. */
  doubled: boolean;
}

/** The library's tokenizer of one model. */
export type WholeTokenizer = { encode(text: string, options: { add_special_tokens: boolean }): number[] };

export interface Tokenizer {
  /** Wordpieces of `text`, without special tokens. */
  count(text: string): number;
  /** [CLS] text [SEP]; the text is cut so that the whole has at most `maxTokens` ids. */
  encode(text: string, maxTokens: number): { ids: number[] };
  /**
   * [CLS] question [SEP] passage [SEP] with segment ids 0 and 1, or in RoBERTa's form <s> question </s></s> passage
   * </s> with all 0. The question is cut to `maxQuestionTokens`, the passage to the remaining `maxTokens`. `cut`
   * reports whether either was.
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

const FRAMES = [
  ["[CLS]", "[SEP]", "[PAD]", false],
  ["<s>", "</s>", "<pad>", true],
] as const;

/** The frame of a tokenizer. Throws if it has neither BERT's nor RoBERTa's special tokens. */
export function frameOf(vocabulary: ReadonlyMap<string, number>): Frame {
  for (const [start, end, pad, doubled] of FRAMES) {
    const [first, separator] = [vocabulary.get(start), vocabulary.get(end)];
    if (first !== undefined && separator !== undefined) {
      return { first, separator, padding: vocabulary.get(pad) ?? null, doubled };
    }
  }
  throw new Error("it has neither [CLS] and [SEP] of BERT nor <s> and </s> of RoBERTa");
}

/** Byte-level BPE and Unigram tokenizers. A word's ids depend on the text before it, so a text is encoded whole. */
export class WholeTexts implements Tokenizer {
  constructor(
    private readonly inner: WholeTokenizer,
    readonly frame: Frame,
    readonly largestId: number,
    readonly modelLimit: number,
  ) {}

  count(text: string): number {
    return this.all(text).length;
  }

  encode(text: string, maxTokens: number): { ids: number[] } {
    const { first, separator } = this.frame;
    return { ids: [first, ...this.idsOf(text, maxTokens - 2).ids, separator] };
  }

  encodePair(question: string, passage: string, maxTokens: number, maxQuestionTokens = MAX_QUESTION_TOKENS) {
    const { first, separator, doubled } = this.frame;
    const between = doubled ? [separator, separator] : [separator];
    const room = maxTokens - 2 - between.length;
    const a = this.idsOf(question, Math.min(maxQuestionTokens, room));
    const b = this.idsOf(passage, room - a.ids.length);
    const ids = [first, ...a.ids, ...between, ...b.ids, separator];
    const typeIds = ids.map((_, position) => (doubled || position < a.ids.length + 2 ? 0 : 1));
    return { ids, typeIds, cut: a.cut || b.cut };
  }

  private idsOf(text: string, limit: number): { ids: number[]; cut: boolean } {
    const all = this.all(text);
    return { ids: all.slice(0, Math.max(0, limit)), cut: all.length > limit };
  }

  private all(text: string): number[] {
    return this.inner.encode(text, { add_special_tokens: false });
  }
}
