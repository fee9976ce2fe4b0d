import { describe, expect, it } from "vitest";
import { framed, frameOf } from "./frame.ts";

const NONE = new Map<string, number>();
const TEXTS = { A: [10, 11], B: [20] };
const token = (id: string, type_id = 0) => ({ SpecialToken: { id, type_id } });
const text = (id: string, type_id = 0) => ({ Sequence: { id, type_id } });
const template = {
  type: "TemplateProcessing",
  single: [token("[CLS]"), text("A"), token("[SEP]")],
  pair: [token("[CLS]"), text("A"), token("[SEP]"), text("B", 1), token("[SEP]", 1)],
  special_tokens: { "[CLS]": { ids: [7] }, "[SEP]": { ids: [8] } },
};

describe("the frame of a tokenizer", () => {
  it("is the one that its template describes, also inside a sequence of processors", () => {
    for (const post_processor of [template, { type: "Sequence", processors: [{ type: "ByteLevel" }, template] }]) {
      const frame = frameOf({ post_processor }, new Map([["[PAD]", 5]]));
      expect(frame).toMatchObject({ first: 7, separator: 8, padding: 5 });
      expect(framed(frame.single, TEXTS)).toEqual({ ids: [7, 10, 11, 8], typeIds: [0, 0, 0, 0] });
      expect(framed(frame.pair, TEXTS)).toEqual({ ids: [7, 10, 11, 8, 20, 8], typeIds: [0, 0, 0, 0, 1, 1] });
    }
  });

  it("keeps the passage in segment 0 if the template does", () => {
    const pair = [token("[CLS]"), text("A"), token("[SEP]"), text("B"), token("[SEP]")];
    const frame = frameOf({ post_processor: { ...template, pair } }, NONE);
    expect(framed(frame.pair, TEXTS).typeIds).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("is BERT's or RoBERTa's by the processor's type, else by the vocabulary's special tokens", () => {
    const bert = [1, 10, 11, 2, 20, 2];
    const roberta = [1, 10, 11, 2, 2, 20, 2];
    const processor = (type: string) => ({ post_processor: { type, cls: ["x", 1], sep: ["y", 2] } as never });
    const words = (start: string, end: string) =>
      new Map([
        [start, 1],
        [end, 2],
      ]);
    expect(framed(frameOf(processor("BertProcessing"), NONE).pair, TEXTS).ids).toEqual(bert);
    expect(framed(frameOf(processor("RobertaProcessing"), NONE).pair, TEXTS).ids).toEqual(roberta);
    expect(framed(frameOf({}, words("[CLS]", "[SEP]")).pair, TEXTS).ids).toEqual(bert);
    expect(framed(frameOf({ post_processor: null }, words("<s>", "</s>")).pair, TEXTS).ids).toEqual(roberta);
  });

  it("is refused without special tokens around a text, or without the pair's second text", () => {
    const frame = (changes: Partial<typeof template>) => () =>
      frameOf({ post_processor: { ...template, ...changes } }, NONE);
    expect(() => frameOf({}, NONE)).toThrow("neither [CLS] and [SEP] of BERT");
    expect(frame({ single: [text("A"), token("[SEP]")] })).toThrow("no special token before and after");
    expect(frame({ pair: template.single })).toThrow("lacks a text of a pair");
    expect(frame({ special_tokens: {} as never })).toThrow("a special token without an id");
  });
});
