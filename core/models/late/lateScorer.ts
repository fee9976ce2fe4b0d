import { createHash } from "node:crypto";
import { createSession, type Session, type SessionOptions, type Tensor } from "../../onnx/runtime.ts";
import { writeModel } from "../../onnx/write.ts";
import { batchesByLength, type EncodedText, encoderFeeds } from "../batches.ts";
import type { KeptStates } from "./keptStates.ts";
import { type SplitModel, STATE_INPUTS, withPackedStates } from "./splitModel.ts";
import { bytesOf, packStates, type TokenStates, viewsOf } from "./tokenStates.ts";

/** Limits of a batch. */
export interface BatchLimits {
  rows: number;
  tokens: number;
}

/** Raise it when a text's states change though its model and tokens do not. */
const SCHEME = 1;

/**
 * Scores the pairs of a question by the joint layers alone. The states of passages that are not kept are computed on
 * the spot, in the same form, so a logit does not depend on what is kept.
 */
export class LateScorer {
  private constructor(
    private readonly parts: { lower: Session; joint: Session; hidden: number },
    /** Digest of everything that a text's states depend on, apart from its tokens. */
    private readonly layers: string,
    private readonly kept: KeptStates,
    private readonly limits: BatchLimits,
  ) {}

  static async open(split: SplitModel, kept: KeptStates, limits: BatchLimits, options: SessionOptions) {
    const bytes = writeModel(split.lower);
    const scheme = JSON.stringify([SCHEME, options.provider ?? "cpu"]);
    const layers = createHash("sha256").update(bytes).update(scheme).digest("hex");
    const lower = await createSession(bytes, options);
    try {
      const joint = await createSession(writeModel(withPackedStates(split)), options);
      return new LateScorer({ lower, joint, hidden: split.hidden }, layers, kept, limits);
    } catch (cause) {
      await lower.close();
      throw cause;
    }
  }

  /** One logit for each pair, in order. All pairs have the same question. */
  async score(pairs: readonly EncodedText[]): Promise<number[]> {
    if (pairs.length === 0) return [];
    const start = pairs[0]!.typeIds!.indexOf(1);
    const question = await this.states([{ ids: pairs[0]!.ids.slice(0, start) }]);
    const dims = [1, start, this.parts.hidden];
    const ofQuestion: Tensor = { type: "float32", dims, data: question };
    const ofPassages = await this.passageStates(pairs.map(({ ids }) => ids.slice(start)));
    const logits = new Array<number>(pairs.length);
    for (const batch of this.batches(pairs)) {
      const outputs = await this.parts.joint.run({
        ...encoderFeeds(batch.map((at) => pairs[at]!)),
        [STATE_INPUTS.question]: ofQuestion,
        ...passageFeeds(
          batch.map((at) => ofPassages[at]!),
          this.parts.hidden,
        ),
      });
      batch.forEach((at, row) => {
        logits[at] = (outputs.logits!.data as Float32Array)[row]!;
      });
    }
    return logits;
  }

  async close(): Promise<void> {
    await Promise.all([this.parts.lower.close(), this.parts.joint.close()]);
  }

  /** Packed states of passages, each given by its tokens with the last separator. */
  private async passageStates(passages: readonly (readonly number[])[]): Promise<TokenStates[]> {
    const keys = passages.map((ids) => createHash("sha256").update(Int32Array.from(ids)).digest("hex"));
    const found = new Map<string, TokenStates | null>();
    const missing: { key: string; ids: readonly number[]; typeIds: number[] }[] = [];
    for (const [at, key] of keys.entries()) {
      if (found.has(key)) continue;
      const ids = passages[at]!;
      const states = this.kept.find(this.layers, key, bytesOf(ids.length, this.parts.hidden));
      found.set(key, states);
      if (!states) missing.push({ key, ids, typeIds: ids.map(() => 1) });
    }
    for (const batch of this.batches(missing)) {
      const rows = batch.map((at) => missing[at]!);
      const states = await this.states(rows);
      const size = states.length / rows.length;
      rows.forEach(({ key, ids }, row) => {
        const packed = packStates(states.subarray(row * size), ids.length, this.parts.hidden);
        found.set(key, packed);
        this.kept.keep(this.layers, key, packed);
      });
    }
    return keys.map((key) => found.get(key)!);
  }

  /** States of texts, float32 [texts * longest, hidden]. */
  private async states(texts: readonly EncodedText[]): Promise<Float32Array> {
    const { lower } = this.parts;
    const outputs = await lower.run(encoderFeeds(texts));
    return outputs[lower.outputNames[0]!]!.data as Float32Array;
  }

  private batches(texts: readonly EncodedText[]): number[][] {
    const lengths = texts.map(({ ids }) => ids.length);
    return batchesByLength(lengths, this.limits.rows, this.limits.tokens);
  }
}

/** The passages' inputs of `withPackedStates`, zero-padded to the longest passage. */
function passageFeeds(passages: readonly TokenStates[], hidden: number): Record<string, Tensor> {
  const lengths = passages.map(({ byteLength }) => byteLength / bytesOf(1, hidden));
  const longest = Math.max(...lengths);
  const values = new Int8Array(passages.length * longest * hidden);
  const scales = new Float32Array(passages.length * longest);
  passages.forEach((packed, row) => {
    const own = viewsOf(packed, lengths[row]!);
    values.set(own.values, row * longest * hidden);
    scales.set(own.scales, row * longest);
  });
  return {
    [STATE_INPUTS.values]: { type: "int8", dims: [passages.length, longest, hidden], data: values },
    [STATE_INPUTS.scales]: { type: "float32", dims: [passages.length, longest, 1], data: scales },
  };
}
