import type { BaseModel } from "../baseModel.ts";
import type { Embedder, EmbedderOptions, EmbedTexts } from "../embedder.ts";
import type { Pooling } from "../tokenLayout.ts";
import type { ModelFolder } from "./modelFolder.ts";

/** Models that are built and read in one way. */
interface Family {
  readonly name: string;
  /** What makes a folder one of this family, as error messages list it. */
  readonly reads: string;
  /** Families are asked in the order of their table; the first that matches opens the folder. */
  matches(folder: ModelFolder): boolean | Promise<boolean>;
}

/** How an embedder reads texts. */
export interface Reading {
  pooling: Pooling;
  /** Put before each text of a kind. */
  prefixes: Record<keyof EmbedTexts, string>;
  /** Most tokens of a text, or as many as the model has positions where those are fewer. */
  maxTokens: number;
}

/** What is known of an embedder without opening it, which takes longer. */
export type EmbedderFacts = Pick<Embedder, "id" | "dim" | "modelDigest" | "limits"> &
  Pick<Reading, "pooling" | "prefixes">;

/** Embedders. Both methods throw BadModel naming the file of the folder that is missing or does not fit. */
export interface EmbedderFamily extends Family {
  describe(folder: ModelFolder): Promise<EmbedderFacts>;
  open(folder: ModelFolder, options: EmbedderOptions): Promise<Embedder>;
}

/** Rerankers that can be trained, and what rerankers can be made of. */
export interface RerankerFamily extends Family {
  /**
   * @param seed of weights that the folder does not have, such as a fresh head's.
   * @throws BadModel naming what is missing, UnsupportedGraph naming what of an export cannot be differentiated.
   */
  open(folder: ModelFolder, seed: number): Promise<BaseModel>;
}
