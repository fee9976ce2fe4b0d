import { readFile } from "node:fs/promises";
import { WinnowError } from "../../base/errors.ts";
import { keptBytes } from "../../base/keptBytes.ts";
import type { TaskContext } from "../../base/progress.ts";
import { usablePrecision } from "../../onnx/integerProducts.ts";
import { quantizeModel } from "../../onnx/quantize.ts";
import { createSession, type Session, type Tensor } from "../../onnx/runtime.ts";
import type { ModelProto } from "../../onnx/schema.ts";
import { writeModel } from "../../onnx/write.ts";
import { batchesByLength, type EncodedText, encoderFeeds } from "../batches.ts";
import type { Embedder, EmbedderOptions } from "../embedder.ts";
import type { Tokenizer } from "../wholeText.ts";
import type { EmbedderFacts } from "./family.ts";
import { notNumbers } from "./notNumbers.ts";
import { prefixed } from "./prefixed.ts";

/** Limits of rows and padded tokens in a batch: enough to fill two cores, small enough for the cache. */
const MAX_ROWS = 32;
const MAX_BATCH_TOKENS = 2048;

/** A family's parts of an embedder, which {@link openGraphEmbedder} runs. */
export interface GraphParts {
  tokenizer: Tokenizer;
  /**
   * From input_ids, attention_mask and, if it has segments, token_type_ids, int64 [batch, length], to `embeddings`,
   * unit vectors float32 [batch, dim].
   */
  graph: () => Promise<ModelProto>;
  /** Makes the vectors from a graph with other outputs, in JavaScript. */
  vectors?: (outputs: Record<string, Tensor>, rows: readonly EncodedText[]) => Float32Array;
  /** The file that holds the graph as it is; default: it is built. */
  file?: string;
  facts: () => Promise<EmbedderFacts>;
}

/** An embedder that runs a graph, or its int8 twin, in batches of similar length. */
export async function openGraphEmbedder(parts: GraphParts, options: EmbedderOptions): Promise<Embedder> {
  const session = await openSession(parts, options);
  const { id, dim, modelDigest, limits, prefixes } = await parts.facts();
  return {
    ...{ id, dim, modelDigest, limits },
    embed: (texts, ctx) => embed(session, parts, prefixed(texts, prefixes), { id, dim, limits }, ctx),
    close: () => session.close(),
  };
}

async function openSession(parts: GraphParts, options: EmbedderOptions): Promise<Session> {
  const { threads, provider, twinFile } = options;
  const float32 = async () => (parts.file ? readFile(parts.file) : writeModel(await parts.graph()));
  if ((await usablePrecision(options.precision ?? "float32")) !== "int8") {
    return createSession(await float32(), { threads, provider });
  }
  const make = async () => writeModel(quantizeModel(await parts.graph()));
  return createSession(await (twinFile ? keptBytes(twinFile, make) : make()), { threads, provider });
}

async function embed(
  session: Session,
  { tokenizer, vectors: vectorsOf = ({ embeddings }) => embeddings!.data as Float32Array }: GraphParts,
  texts: readonly string[],
  { id, dim, limits }: Pick<EmbedderFacts, "id" | "dim" | "limits">,
  ctx?: TaskContext,
): Promise<Float32Array> {
  const encoded = texts.map((text) => tokenizer.encode(text, limits.maxTokens));
  const vectors = new Float32Array(texts.length * dim);
  let done = 0;
  for (const batch of batchesByLength(
    encoded.map(({ ids }) => ids.length),
    MAX_ROWS,
    MAX_BATCH_TOKENS,
  )) {
    if (ctx?.signal.aborted) throw new WinnowError("Cancelled", "embedding was cancelled");
    const batchRows = batch.map((position) => encoded[position]!);
    const rows = vectorsOf(await session.run(feedsOf(session, batchRows)), batchRows);
    batch.forEach((position, row) => {
      vectors.set(rows.subarray(row * dim, (row + 1) * dim), position * dim);
      if (Number.isNaN(vectors[position * dim])) throw notNumbers(id);
    });
    done += batch.length;
    ctx?.progress({ step: done, of: texts.length, note: "passages embedded" });
  }
  return vectors;
}

function feedsOf(session: Session, rows: readonly EncodedText[]): Record<string, Tensor> {
  const feeds = Object.entries(encoderFeeds(rows)).filter(([name]) => session.inputNames.includes(name));
  return Object.fromEntries(feeds);
}
