import type { Precision } from "../../contracts/evaluation.ts";
import type { Compute } from "../base/compute.ts";
import type { TaskContext } from "../base/progress.ts";

/** Texts for one call, in two kinds because many embedders use a different prefix for each. */
export interface EmbedTexts {
  questions?: readonly string[];
  passages?: readonly string[];
}

/** Maps each text to a vector. `openEmbedder` (families/index.ts) chooses the model's family. */
export interface Embedder {
  /** Name of the model's folder, for reports. */
  readonly id: string;
  /** Components of a vector. */
  readonly dim: number;
  /** SHA-256 over everything that affects a vector: weights, config, tokenizer, and how texts are read. */
  readonly modelDigest: string;
  /** `maxTokens`: tokens read of a text, including special tokens and prefix; the rest is cut. */
  readonly limits: { readonly maxTokens: number };
  /**
   * One L2-normalised vector for each text, the questions' before the passages': float32 [texts, dim] row-major.
   * Throws Cancelled if `ctx.signal` aborts.
   */
  embed(texts: EmbedTexts, ctx?: TaskContext): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface EmbedderOptions extends Pick<Compute, "threads" | "provider"> {
  /**
   * `int8` uses the dynamically quantised twin. It is faster on processors with integer products, and its vectors are
   * nearly the same. On processors that compute them wrong, float32 is used.
   */
  precision?: Precision;
  /** File that caches the twin, whose quantisation takes longer than the rest of opening it; default: no cache. */
  twinFile?: string;
}
