import type { Precision } from "../../contracts/evaluation.ts";
import type { Compute } from "../base/compute.ts";
import { WinnowError } from "../base/errors.ts";
import { keptBytes } from "../base/keptBytes.ts";
import type { TaskContext } from "../base/progress.ts";
import { Graph, type Value } from "../onnx/graph.ts";
import { usablePrecision } from "../onnx/integerProducts.ts";
import { div, mul, reduceSum, sqrt } from "../onnx/ops.ts";
import { quantizeModel } from "../onnx/quantize.ts";
import { createSession, type Session } from "../onnx/runtime.ts";
import { writeModel } from "../onnx/write.ts";
import { batchesByLength, encoderFeeds } from "./batches.ts";
import { type BertConfig, readBertConfig } from "./bertConfig.ts";
import { constantWeights, readBertWeights } from "./bertWeights.ts";
import { embedderDigest } from "./embedderDigest.ts";
import { buildEncoder } from "./encoder.ts";
import { openTokenizer } from "./tokenizer.ts";
import { paddedLayout } from "./tokenLayout.ts";
import type { Tokenizer } from "./wholeText.ts";

/** Tokens of a text that are read, [CLS] and [SEP] among them; all-MiniLM-L6-v2 was trained with as many. */
const MAX_TOKENS = 256;
/** Rows and padded tokens a run: enough to fill two cores, small enough for the cache. */
const MAX_ROWS = 32;
const MAX_BATCH_TOKENS = 2048;

export interface Embedder {
  /** Components of a vector. */
  readonly dim: number;
  /** SHA-256 over weights, config and tokenizer: names the vectors this embedder makes. */
  readonly modelDigest: string;
  /** One L2-normalised vector a text, float32 [texts, dim] row-major. Throws Cancelled when `ctx.signal` aborts. */
  embed(texts: readonly string[], ctx?: TaskContext): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface EmbedderOptions extends Pick<Compute, "threads" | "provider"> {
  /** `int8` computes by the dynamically quantised twin: faster where the processor multiplies integers, vectors nearly the same; float32 where it gets them wrong. */
  precision?: Precision;
  /** Where the twin is kept once it was made, which takes longer than all else of opening it; default: nowhere. */
  twinFile?: string;
}

/**
 * Opens a sentence-transformers BERT (mean pooling, then normalisation) from `config.json`, `tokenizer.json` and
 * `model.safetensors`. Throws BadModel when the folder lacks one of them or they do not fit together.
 */
export async function openEmbedder(modelDir: string, options: EmbedderOptions = {}): Promise<Embedder> {
  const config = await readBertConfig(modelDir);
  const tokenizer = await openTokenizer(modelDir);
  const precision = await usablePrecision(options.precision ?? "float32");
  const make = async () => {
    const model = await embeddingGraph(modelDir, config);
    return writeModel(precision === "int8" ? quantizeModel(model) : model);
  };
  const { twinFile } = options;
  const bytes = twinFile && precision === "int8" ? await keptBytes(twinFile, make) : await make();
  const session = await createSession(bytes, { threads: options.threads, provider: options.provider });
  const maxTokens = Math.min(MAX_TOKENS, config.positions);
  const modelDigest = await embedderDigest(modelDir);
  return {
    dim: config.hidden,
    modelDigest,
    embed: (texts, ctx) => embed(session, tokenizer, texts, config.hidden, maxTokens, ctx),
    close: () => session.close(),
  };
}

async function embeddingGraph(modelDir: string, config: BertConfig) {
  const graph = new Graph("embedder");
  const layout = paddedLayout(graph, "mean");
  const weights = constantWeights(graph, await readBertWeights(modelDir));
  graph.output("embeddings", normalised(graph, layout.pool(buildEncoder(graph, weights, config, layout))));
  return graph.toModel();
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
    const { embeddings } = await session.run(encoderFeeds(batch.map((position) => encoded[position]!)));
    const rows = embeddings!.data as Float32Array;
    batch.forEach((position, row) => {
      vectors.set(rows.subarray(row * dim, (row + 1) * dim), position * dim);
    });
    done += batch.length;
    ctx?.progress({ step: done, of: texts.length, note: "passages embedded" });
  }
  return vectors;
}

function normalised(graph: Graph, vectors: Value): Value {
  return div(graph, vectors, sqrt(graph, reduceSum(graph, mul(graph, vectors, vectors), [1])));
}
