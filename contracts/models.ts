import { z } from "zod";
import { type ArtifactRef, artifactRefSchema } from "./artifacts.ts";
import { MODEL_NAME, MODEL_NAME_IN_WORDS } from "./modelNames.ts";

export const modelNameSchema = z.string().regex(MODEL_NAME, MODEL_NAME_IN_WORDS);

const sourceSchema = z.discriminatedUnion("from", [
  /** `revision` is the commit that the requested one resolved to. */
  z.object({ from: z.literal("hub"), repository: z.string(), revision: z.string() }),
  z.object({ from: z.enum(["folder", "archive"]) }),
]);

/** A model that an operator installed. Its folder is an artifact of the store, so that every worker can read it. */
export const installedModelSchema = z.object({
  name: modelNameSchema,
  kind: z.enum(["embedder", "reranker"]),
  /** Name of the model's family, such as `bert`. */
  family: z.string(),
  /** Components of a vector; null for a reranker. */
  dimensions: z.number().int().positive().nullable(),
  /** Most tokens of a text or pair, special ones included. */
  maxTokens: z.number().int().positive(),
  /** Null for a reranker. */
  pooling: z.string().nullable(),
  /** Put before each question and each passage; null for a reranker. */
  prefixes: z.object({ question: z.string(), passage: z.string() }).nullable(),
  /** As the folder states it, such as `mit`; null if it states none. */
  licence: z.string().nullable(),
  /** Total size of the folder. */
  bytes: z.number().int().nonnegative(),
  /** Number of weights. */
  parameters: z.number().int().nonnegative(),
  source: sourceSchema,
  artifact: artifactRefSchema,
  /** ISO time. */
  installedAt: z.string(),
});
export type InstalledModel = z.infer<typeof installedModelSchema>;
export type ModelSource = InstalledModel["source"];

/** One line of `winnow models list`. */
export interface ListedModel
  extends Pick<InstalledModel, "name" | "kind" | "family" | "dimensions" | "maxTokens" | "licence"> {
  /** SHA-256 of the artifact, in hex. */
  digest: string;
}

/** Chooses the model that the worker brings, which needs no installation. No model may have this name. */
export const AUTO = "auto";

/** Choice of the models that a run builds with. */
export const modelChoiceSchema = z.strictObject({
  embedder: modelNameSchema
    .default(AUTO)
    .describe(
      "Installed model that embeds passages and questions. `auto`: all-MiniLM-L6-v2. Another one embeds all passages again.",
    ),
  reranker: modelNameSchema
    .default(AUTO)
    .describe(
      "Installed model that the reranker starts from: a cross-encoder with a trained head, or an embedder, which gets token matches and a fresh head. `auto`: ms-marco-MiniLM-L-6-v2 if its folder lies in the workers' cache, otherwise all-MiniLM-L6-v2, whatever the embedder is.",
    ),
});

/** An installed model that a run was asked to build with, as found when the run began. */
export interface ChosenModel {
  name: string;
  artifact: ArtifactRef;
}

/** Models of a run; null for those that the worker brings. */
export interface ChosenModels {
  embedder: ChosenModel | null;
  reranker: ChosenModel | null;
}

/** A model by name and by the SHA-256 of its artifact, in hex. */
export interface NamedModel {
  name: string;
  digest: string;
}
