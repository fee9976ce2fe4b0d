import { readFile } from "node:fs/promises";
import type { Precision } from "../../contracts/evaluation.ts";
import type { Compute } from "../base/compute.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import { usablePrecision } from "../onnx/integerProducts.ts";
import { readModel } from "../onnx/read.ts";
import { createSession } from "../onnx/runtime.ts";
import type { ModelProto } from "../onnx/schema.ts";
import { batchesByLength, type EncodedText, encoderFeeds } from "./batches.ts";
import type { KeptStates } from "./late/keptStates.ts";
import { LateScorer } from "./late/lateScorer.ts";
import { layersApart } from "./late/layersApart.ts";
import { splitModel } from "./late/splitModel.ts";
import { modelFile } from "./onnxFiles.ts";
import { openTokenizer } from "./tokenizer.ts";
import { MAX_PAIR_TOKENS, type Tokenizer } from "./wholeText.ts";

/** Most rows and padded tokens of a batch. */
const LIMITS = { rows: 32, tokens: 2048 };

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

export interface RerankerOptions extends Pick<Compute, "threads" | "provider"> {
  maxTokens?: number;
  precision?: Precision;
  /**
   * Where passage states are kept. A model whose lower layers read passages by themselves then computes a passage's
   * states once, and its joint layers for each question. Default: every pair is computed whole.
   */
  states?: KeptStates;
}

/** Logits of a question's encoded pairs, in order. */
interface PairLogits {
  score(pairs: readonly EncodedText[]): Promise<number[]>;
  close(): Promise<void>;
}

/**
 * Opens a cross-encoder from a standard folder: `onnx/model.onnx` or `model.onnx` (input_ids, attention_mask,
 * token_type_ids -> logits [batch, 1]) and tokenizer files. If the processor computes integer products wrong, `int8`
 * opens the float32 model: a twin judged on another processor must not serve here.
 * Throws BadModel or UnsupportedGraph for any other folder.
 */
export async function openCrossEncoder(modelDir: string, options: RerankerOptions = {}): Promise<Reranker> {
  const { maxTokens = MAX_PAIR_TOKENS, precision = "float32" } = options;
  const file = modelFile(modelDir, await usablePrecision(precision));
  const bytes = await readFile(file).catch((cause) => {
    throw new WinnowError("BadModel", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const model = readModel(bytes, file);
  checkShape(model, file);
  const tokenizer = await openTokenizer(modelDir);
  const longest = Math.min(maxTokens, tokenizer.modelLimit);
  const logits = (await openLate(modelDir, model, tokenizer, options)) ?? (await openWhole(bytes, options));
  return {
    score: (question, passages) =>
      logits.score(passages.map((passage) => tokenizer.encodePair(question, passage, longest))),
    extent(question, passages) {
      const { ids, cut: questionCut } = tokenizer.encodePair(question, "", longest);
      const room = longest - ids.length;
      const pairs = passages.map((passage) => {
        const tokens = tokenizer.count(passage);
        return { tokens: ids.length + Math.min(tokens, room), cut: tokens > room };
      });
      return { questionCut, pairs };
    },
    close: () => logits.close(),
  };
}

/** Null if the states are not to be kept, or if passages have no states of their own in this model. */
async function openLate(
  modelDir: string,
  model: ModelProto,
  tokenizer: Tokenizer,
  options: RerankerOptions,
): Promise<PairLogits | null> {
  const { states, threads, provider } = options;
  const split = states && !tokenizer.frame.doubled && splitModel(model, await layersApart(modelDir));
  return split ? LateScorer.open(split, states, LIMITS, { threads, provider }) : null;
}

async function openWhole(bytes: Uint8Array, { threads, provider }: RerankerOptions): Promise<PairLogits> {
  const session = await createSession(bytes, { threads, provider });
  const takesSegments = session.inputNames.includes("token_type_ids");
  return {
    async score(pairs) {
      const logits = new Array<number>(pairs.length);
      const lengths = pairs.map(({ ids }) => ids.length);
      for (const batch of batchesByLength(lengths, LIMITS.rows, LIMITS.tokens)) {
        const { token_type_ids, ...feeds } = encoderFeeds(batch.map((position) => pairs[position]!));
        const outputs = await session.run(takesSegments ? { ...feeds, token_type_ids: token_type_ids! } : feeds);
        batch.forEach((position, row) => {
          logits[position] = (outputs.logits!.data as Float32Array)[row]!;
        });
      }
      return logits;
    },
    close: () => session.close(),
  };
}

/** Throws if the model is not a cross-encoder with one logit. */
function checkShape({ graph }: ModelProto, file: string): void {
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const logits = graph.outputs.find(({ name }) => name === "logits");
  if (!inputs.has("input_ids") || !inputs.has("attention_mask") || !logits || ![1, "?"].includes(logits.dims[1] ?? 0)) {
    throw new WinnowError(
      "BadModel",
      `${file}: expected inputs input_ids, attention_mask and output logits [batch, 1], got inputs ` +
        `${[...inputs].join(", ")} and outputs ${graph.outputs.map(({ name, dims }) => `${name} [${dims}]`).join(", ")}`,
    );
  }
}
