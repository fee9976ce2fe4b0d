/** A place of an encoded text or pair: a special token's id, or one of the texts. */
export interface FramePart {
  fill: number | "A" | "B";
  segment: number;
}

/** Special tokens around a text and a pair, such as [CLS] and [SEP] of BERT, or <s> and </s> of RoBERTa. */
export interface Frame {
  first: number;
  separator: number;
  /** Padding token; null if the tokenizer has none. */
  padding: number | null;
  /** RoBERTa puts two separators between the texts of a pair, and has no segments. */
  doubled: boolean;
  single: readonly FramePart[];
  pair: readonly FramePart[];
}

/** The parts of `tokenizer.json` that a frame is read from. */
export interface TokenizerJson {
  post_processor?: PostProcessor | null;
  added_tokens?: { id: number; content: string }[];
}

interface PostProcessor {
  type: string;
  sep?: [string, number];
  cls?: [string, number];
  single?: TemplatePart[];
  pair?: TemplatePart[];
  special_tokens?: Record<string, { ids: number[] }>;
  processors?: PostProcessor[];
}

type TemplatePart = Partial<Record<"SpecialToken" | "Sequence", { id: string; type_id: number }>>;

const KNOWN = [
  ["[CLS]", "[SEP]", false],
  ["<s>", "</s>", true],
] as const;
const PADDING = ["[PAD]", "<pad>"];

/**
 * The frame that a tokenizer's post-processor describes. A tokenizer without one has BERT's or RoBERTa's, by its special
 * tokens. Throws if it has neither, or puts no special token before and after a text.
 */
export function frameOf(tokenizer: TokenizerJson, vocabulary: ReadonlyMap<string, number>): Frame {
  const { single, pair } = describedFrame(tokenizer.post_processor ?? null) ?? usualFrame(vocabulary);
  const at = single.findIndex(({ fill }) => fill === "A");
  const [first, separator] = [single[at - 1]?.fill, single[at + 1]?.fill];
  if (typeof first !== "number" || typeof separator !== "number" || !holds(pair, "A") || !holds(pair, "B")) {
    throw new Error("its post_processor puts no special token before and after a text, or lacks a text of a pair");
  }
  const padding = PADDING.map((token) => vocabulary.get(token)).find((id) => id !== undefined);
  return { first, separator, padding: padding ?? null, doubled: specials(pair) === 4, single, pair };
}

/** Special tokens of a frame's part. */
export function specials(parts: readonly FramePart[]): number {
  return parts.filter(({ fill }) => typeof fill === "number").length;
}

/** The texts' ids in their frame, and the segment of each id. */
export function framed(parts: readonly FramePart[], texts: Partial<Record<"A" | "B", readonly number[]>>) {
  const [ids, typeIds]: [number[], number[]] = [[], []];
  for (const { fill, segment } of parts) {
    const more = typeof fill === "number" ? [fill] : (texts[fill] ?? []);
    for (const id of more) {
      ids.push(id);
      typeIds.push(segment);
    }
  }
  return { ids, typeIds };
}

function holds(parts: readonly FramePart[], text: "A" | "B"): boolean {
  return parts.filter(({ fill }) => fill === text).length === 1;
}

type Templates = Pick<Frame, "single" | "pair">;

/** Null for a post-processor that adds no tokens, such as one that only trims offsets. */
function describedFrame(processor: PostProcessor | null): Templates | null {
  const { type, sep, cls, processors = [], single = [], pair = [], special_tokens = {} } = processor ?? { type: "" };
  if (type === "Sequence") return processors.map(describedFrame).find((found) => found !== null) ?? null;
  if (type === "TemplateProcessing") {
    const read = (parts: TemplatePart[]) => parts.flatMap((part) => templateParts(part, special_tokens));
    return { single: read(single), pair: read(pair) };
  }
  if ((type !== "BertProcessing" && type !== "RobertaProcessing") || !cls || !sep) return null;
  return simpleFrame(cls[1], sep[1], type === "RobertaProcessing");
}

function templateParts(part: TemplatePart, tokens: Record<string, { ids: number[] }>): FramePart[] {
  const { SpecialToken, Sequence } = part;
  if (Sequence) return [{ fill: Sequence.id === "B" ? "B" : "A", segment: Sequence.type_id }];
  const ids = tokens[SpecialToken?.id ?? ""]?.ids;
  if (!SpecialToken || !ids?.every(Number.isInteger))
    throw new Error("its post_processor names a special token without an id");
  return ids.map((fill) => ({ fill, segment: SpecialToken.type_id }));
}

function usualFrame(vocabulary: ReadonlyMap<string, number>): Templates {
  for (const [start, end, doubled] of KNOWN) {
    const [first, separator] = [vocabulary.get(start), vocabulary.get(end)];
    if (first !== undefined && separator !== undefined) return simpleFrame(first, separator, doubled);
  }
  throw new Error("it has neither [CLS] and [SEP] of BERT nor <s> and </s> of RoBERTa");
}

/** BERT's frame, or RoBERTa's, which has two separators between the texts and no segments. */
function simpleFrame(first: number, separator: number, doubled: boolean): Templates {
  const of = (fill: FramePart["fill"], segment = 0): FramePart => ({ fill, segment });
  const single = [of(first), of("A"), of(separator)];
  const second = doubled ? 0 : 1;
  const between = doubled ? [of(separator)] : [];
  return { single, pair: [...single, ...between, of("B", second), of(separator, second)] };
}
