import { readFile } from "node:fs/promises";
import type { Precision } from "../../contracts/evaluation.ts";
import type { Compute } from "../base/compute.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import { usablePrecision } from "../onnx/integerProducts.ts";
import { readModel } from "../onnx/read.ts";
import { createSession } from "../onnx/runtime.ts";
import { batchesByLength, encoderFeeds } from "./batches.ts";
import { modelFile } from "./onnxFiles.ts";
import { openTokenizer } from "./tokenizer.ts";
import { MAX_PAIR_TOKENS } from "./wholeText.ts";

const MAX_ROWS = 32;
const MAX_BATCH_TOKENS = 2048;

/** How much of a question and its passages a reranker reads. */
export interface Extent {
  /** The question is longer than a pair has room for. */
  questionCut: boolean;
  /** For each passage, in input order: tokens of its pair, special ones included, and whether the passage was cut. */
  pairs: { tokens: number; cut: boolean }[];
}

export interface Reranker {
  /** One raw logit for each passage, in input order. */
  score(question: string, passages: readonly string[]): Promise<number[]>;
  /** How much of the same input `score` reads. */
  extent(question: string, passages: readonly string[]): Extent;
  close(): Promise<void>;
}

/**
 * Opens a cross-encoder from a standard folder: `onnx/model.onnx` or `model.onnx` (input_ids, attention_mask,
 * token_type_ids -> logits [batch, 1]) and tokenizer files. If the processor computes integer products wrong, `int8`
 * opens the float32 model: a twin judged on another processor must not serve here.
 * Throws BadModel or UnsupportedGraph for any other folder.
 */
export async function openCrossEncoder(
  modelDir: string,
  options: Pick<Compute, "threads" | "provider"> & { maxTokens?: number; precision?: Precision } = {},
): Promise<Reranker> {
  const { maxTokens = MAX_PAIR_TOKENS, threads, provider, precision = "float32" } = options;
  const file = modelFile(modelDir, await usablePrecision(precision));
  const bytes = await readFile(file).catch((cause) => {
    throw new WinnowError("BadModel", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const takesSegments = checkShape(bytes, file);
  const tokenizer = await openTokenizer(modelDir);
  const longest = Math.min(maxTokens, tokenizer.modelLimit);
  const session = await createSession(bytes, { threads, provider });
  return {
    async score(question, passages) {
      const pairs = passages.map((passage) => tokenizer.encodePair(question, passage, longest));
      const logits = new Array<number>(pairs.length);
      const lengths = pairs.map(({ ids }) => ids.length);
      for (const batch of batchesByLength(lengths, MAX_ROWS, MAX_BATCH_TOKENS)) {
        const { token_type_ids, ...feeds } = encoderFeeds(batch.map((position) => pairs[position]!));
        const outputs = await session.run(takesSegments ? { ...feeds, token_type_ids: token_type_ids! } : feeds);
        batch.forEach((position, row) => {
          logits[position] = (outputs.logits!.data as Float32Array)[row]!;
        });
      }
      return logits;
    },
    extent(question, passages) {
      const { ids, cut: questionCut } = tokenizer.encodePair(question, "", longest);
      const room = longest - ids.length;
      const pairs = passages.map((passage) => {
        const tokens = tokenizer.count(passage);
        return { tokens: ids.length + Math.min(tokens, room), cut: tokens > room };
      });
      return { questionCut, pairs };
    },
    close: () => session.close(),
  };
}

/** Whether the model takes segment ids. Throws if it is not a cross-encoder with one logit. */
function checkShape(bytes: Uint8Array, file: string): boolean {
  const { graph } = readModel(bytes, file);
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const logits = graph.outputs.find(({ name }) => name === "logits");
  if (!inputs.has("input_ids") || !inputs.has("attention_mask") || !logits || ![1, "?"].includes(logits.dims[1] ?? 0)) {
    throw new WinnowError(
      "BadModel",
      `${file}: expected inputs input_ids, attention_mask and output logits [batch, 1], got inputs ` +
        `${[...inputs].join(", ")} and outputs ${graph.outputs.map(({ name, dims }) => `${name} [${dims}]`).join(", ")}`,
    );
  }
  return inputs.has("token_type_ids");
}
