import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename, join } from "node:path";
import type { Precision } from "../../contracts/evaluation.ts";
import { messageOf, WinnowError } from "../errors.ts";
import { readBertConfig } from "../models/bertConfig.ts";
import { openTokenizer, type Tokenizer } from "../models/tokenizer.ts";
import type { TaskContext } from "../native/task.ts";
import { buildEncoder } from "../onnx/encoder.ts";
import { Graph, type Value } from "../onnx/graph.ts";
import { div, mul, reduceSum, sqrt } from "../onnx/ops.ts";
import { quantizeModel } from "../onnx/quantize.ts";
import { createSession, type Session } from "../onnx/runtime.ts";
import { paddedLayout } from "../onnx/tokenLayout.ts";
import { writeModel } from "../onnx/write.ts";
import { batchesByLength, encoderFeeds } from "./batches.ts";
import { constantWeights, readBertWeights } from "./bertWeights.ts";

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

export interface EmbedderOptions {
  threads?: number;
  /** `int8` computes by the dynamically quantised twin: faster where the processor multiplies integers, vectors nearly the same. */
  precision?: Precision;
}

/**
 * Opens a sentence-transformers BERT (mean pooling, then normalisation) from `config.json`, `tokenizer.json` and
 * `model.safetensors`. Throws BadModel when the folder lacks one of them or they do not fit together.
 */
export async function openEmbedder(modelDir: string, options: EmbedderOptions = {}): Promise<Embedder> {
  const config = await readBertConfig(modelDir);
  const tokenizer = await openTokenizer(modelDir);
  const graph = new Graph("embedder");
  const layout = paddedLayout(graph, "mean");
  const weights = constantWeights(graph, await readBertWeights(modelDir));
  graph.output("embeddings", normalised(graph, layout.pool(buildEncoder(graph, weights, config, layout))));
  const model = graph.toModel();
  const bytes = writeModel(options.precision === "int8" ? quantizeModel(model) : model);
  const session = await createSession(bytes, { threads: options.threads });
  const maxTokens = Math.min(MAX_TOKENS, config.positions);
  const modelDigest = await digestOf(modelDir, ["config.json", "tokenizer.json", "model.safetensors"]);
  return {
    dim: config.hidden,
    modelDigest,
    embed: (texts, ctx) => embed(session, tokenizer, texts, config.hidden, maxTokens, ctx),
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

async function digestOf(folder: string, files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${basename(file)}\n`);
    try {
      for await (const chunk of createReadStream(join(folder, file))) hash.update(chunk);
    } catch (cause) {
      throw new WinnowError("BadModel", `${join(folder, file)} cannot be read: ${messageOf(cause)}`, { cause });
    }
  }
  return hash.digest("hex");
}
