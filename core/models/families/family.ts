import type { BaseModel } from "../baseModel.ts";
import type { Embedder, EmbedderOptions, EmbedTexts } from "../embedder.ts";
import type { Pooling } from "../tokenLayout.ts";
import type { ModelFolder } from "./modelFolder.ts";

/** Models that are built and read in the same way. */
interface Family {
  readonly name: string;
  /** Characteristic of the family's folders, as listed in error messages. */
  readonly reads: string;
  /** Families are tried in the order of their table. The first match opens the folder. */
  matches(folder: ModelFolder): boolean | Promise<boolean>;
}

/** How an embedder reads texts. */
export interface Reading {
  pooling: Pooling;
  /** Prefix of each kind of text. */
  prefixes: Record<keyof EmbedTexts, string>;
  /** Most tokens of a text, limited by the model's positions. */
  maxTokens: number;
}

/** Facts about an embedder that do not require opening it, which takes longer. */
export type EmbedderFacts = Pick<Embedder, "id" | "dim" | "modelDigest" | "limits"> &
  Pick<Reading, "pooling" | "prefixes">;

/** Embedders. Both methods throw BadModel naming the file of the folder that is missing or does not fit. */
export interface EmbedderFamily extends Family {
  describe(folder: ModelFolder): Promise<EmbedderFacts>;
  open(folder: ModelFolder, options: EmbedderOptions): Promise<Embedder>;
}

/** Rerankers that can be trained, and models that rerankers can be trained from. */
export interface RerankerFamily extends Family {
  /**
   * @param seed for weights missing from the folder, such as a fresh head's.
   * @throws BadModel naming what is missing, UnsupportedGraph naming the part of an export that cannot be
   * differentiated.
   */
  open(folder: ModelFolder, seed: number): Promise<BaseModel>;
}
