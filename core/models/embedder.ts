import type { Precision } from "../../contracts/evaluation.ts";
import type { Compute } from "../base/compute.ts";
import type { TaskContext } from "../base/progress.ts";

/** Texts to embed in one call, told apart because many embedders are trained with a prefix for each kind. */
export interface EmbedTexts {
  questions?: readonly string[];
  passages?: readonly string[];
}

/** A model that gives each text a vector. Its family is chosen by `openEmbedder` (families/index.ts). */
export interface Embedder {
  /** Name of the model's folder, for reports. */
  readonly id: string;
  /** Components of a vector. */
  readonly dim: number;
  /** SHA-256 over all that decides a vector: weights, config, tokenizer, and how texts are read. */
  readonly modelDigest: string;
  /** `maxTokens`: tokens of a text that are read, special tokens and prefix among them; the rest is cut. */
  readonly limits: { readonly maxTokens: number };
  /**
   * One L2-normalised vector per text, the questions' before the passages': float32 [texts, dim] row-major.
   * Throws Cancelled when `ctx.signal` aborts.
   */
  embed(texts: EmbedTexts, ctx?: TaskContext): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface EmbedderOptions extends Pick<Compute, "threads" | "provider"> {
  /** `int8` computes by the dynamically quantised twin: faster where the processor multiplies integers, vectors nearly the same; float32 where it gets them wrong. */
  precision?: Precision;
  /** Where the twin is kept once it was made, which takes longer than all else of opening it; default: nowhere. */
  twinFile?: string;
}
