import { WinnowError } from "../../base/errors.ts";
import { keptBytes } from "../../base/keptBytes.ts";
import type { TaskContext } from "../../base/progress.ts";
import { usablePrecision } from "../../onnx/integerProducts.ts";
import { quantizeModel } from "../../onnx/quantize.ts";
import { createSession, type Session } from "../../onnx/runtime.ts";
import type { ModelProto } from "../../onnx/schema.ts";
import { writeModel } from "../../onnx/write.ts";
import { batchesByLength, encoderFeeds } from "../batches.ts";
import type { Embedder, EmbedderOptions } from "../embedder.ts";
import type { Tokenizer } from "../wholeText.ts";
import type { EmbedderFacts } from "./family.ts";

/** Limits of rows and padded tokens in a batch: enough to fill two cores, small enough for the cache. */
const MAX_ROWS = 32;
const MAX_BATCH_TOKENS = 2048;

/** A family's parts of an embedder, which {@link openGraphEmbedder} runs. */
export interface GraphParts {
  tokenizer: Tokenizer;
  /**
   * From input_ids, attention_mask and, if it has segments, token_type_ids, int64 [batch, length], to `embeddings`,
   * float32 [batch, dim].
   */
  graph: () => Promise<ModelProto>;
  facts: () => Promise<EmbedderFacts>;
}

/** An embedder that runs a graph, or its int8 twin, in batches of similar length. */
export async function openGraphEmbedder(parts: GraphParts, options: EmbedderOptions): Promise<Embedder> {
  const { tokenizer } = parts;
  const precision = await usablePrecision(options.precision ?? "float32");
  const make = async () => {
    const model = await parts.graph();
    return writeModel(precision === "int8" ? quantizeModel(model) : model);
  };
  const { twinFile } = options;
  const bytes = twinFile && precision === "int8" ? await keptBytes(twinFile, make) : await make();
  const session = await createSession(bytes, { threads: options.threads, provider: options.provider });
  const { id, dim, modelDigest, limits, prefixes } = await parts.facts();
  return {
    ...{ id, dim, modelDigest, limits },
    embed({ questions = [], passages = [] }, ctx) {
      const texts = [
        ...questions.map((question) => prefixes.questions + question),
        ...passages.map((passage) => prefixes.passages + passage),
      ];
      return embed(session, tokenizer, texts, dim, limits.maxTokens, ctx);
    },
    close: () => session.close(),
  };
}

async function embed(
  session: Session,
  tokenizer: Tokenizer,
  texts: readonly string[],
  dim: number,
  maxTokens: number,
  ctx?: TaskContext,
): Promise<Float32Array> {
  const encoded = texts.map((text) => tokenizer.encode(text, maxTokens));
  const vectors = new Float32Array(texts.length * dim);
  let done = 0;
  for (const batch of batchesByLength(
    encoded.map(({ ids }) => ids.length),
    MAX_ROWS,
    MAX_BATCH_TOKENS,
  )) {
    if (ctx?.signal.aborted) throw new WinnowError("Cancelled", "embedding was cancelled");
    const feeds = Object.entries(encoderFeeds(batch.map((position) => encoded[position]!)));
    const taken = feeds.filter(([name]) => session.inputNames.includes(name));
    const { embeddings } = await session.run(Object.fromEntries(taken));
    const rows = embeddings!.data as Float32Array;
    batch.forEach((position, row) => {
      vectors.set(rows.subarray(row * dim, (row + 1) * dim), position * dim);
    });
    done += batch.length;
    ctx?.progress({ step: done, of: texts.length, note: "passages embedded" });
  }
  return vectors;
}
