import { join } from "node:path";
import { WinnowError } from "../../base/errors.ts";
import type { BaseModel } from "../baseModel.ts";
import type { Embedder, EmbedderOptions } from "../embedder.ts";
import {
  bertEmbedder,
  bertReranker,
  distilbertEmbedder,
  distilbertReranker,
  robertaEmbedder,
  robertaReranker,
} from "./bert/index.ts";
import { exportedEmbedder, exportedReranker } from "./exported/index.ts";
import type { EmbedderFacts, EmbedderFamily, RerankerFamily } from "./family.ts";
import { lookAt, type ModelFolder, requireConfig } from "./modelFolder.ts";
import { modernBertEmbedder, modernBertReranker } from "./modernbert/index.ts";
import { staticEmbedder } from "./static/index.ts";

// Two tables, so that the recipe of a step that only embeds does not depend on the rerankers' code.

/**
 * Families of embedders. To add one, write its file and a row here. `families.test.ts` then requires its case. Exports
 * come last, because a folder may hold one beside its own weights.
 */
export const EMBEDDERS: readonly EmbedderFamily[] = [
  staticEmbedder,
  bertEmbedder,
  robertaEmbedder,
  distilbertEmbedder,
  modernBertEmbedder,
  exportedEmbedder,
];

/** Families that training can start from. Exports come last here too. */
export const RERANKERS: readonly RerankerFamily[] = [
  bertReranker,
  robertaReranker,
  distilbertReranker,
  modernBertReranker,
  exportedReranker,
];

/**
 * Opens the embedder in a folder.
 *
 * @throws BadModel if no family matches the folder, or if its files are incomplete or do not match each other.
 * @example const embedder = await openEmbedder("models/all-MiniLM-L6-v2", { threads: 2 });
 */
export async function openEmbedder(modelDir: string, options: EmbedderOptions = {}): Promise<Embedder> {
  const folder = await lookAt(modelDir);
  return (await familyOf(folder, EMBEDDERS)).open(folder, options);
}

/** Facts of the embedder that {@link openEmbedder} would open, without loading the ONNX runtime. Throws BadModel. */
export async function describeEmbedder(modelDir: string): Promise<EmbedderFacts> {
  const folder = await lookAt(modelDir);
  return (await familyOf(folder, EMBEDDERS)).describe(folder);
}

/**
 * Opens a base folder for fine-tuning: an embedder's encoder, which gets a fresh head, or a cross-encoder with a
 * trained one.
 *
 * @param name in reports and the model card; default: the folder's.
 * @throws BadModel if no family matches the folder, or naming what is missing; UnsupportedGraph naming the part of an
 * export that cannot be differentiated.
 */
export async function openBaseModel(baseDir: string, seed: number, name?: string): Promise<BaseModel> {
  const folder = await lookAt(baseDir, name);
  return (await familyOf(folder, RERANKERS)).open(folder, seed);
}

/** Name of the family that opens a folder's model. Throws BadModel. */
export async function familyNameOf(modelDir: string, kind: "embedder" | "reranker"): Promise<string> {
  const folder = await lookAt(modelDir);
  return (await familyOf<EmbedderFamily | RerankerFamily>(folder, kind === "embedder" ? EMBEDDERS : RERANKERS)).name;
}

async function familyOf<F extends EmbedderFamily | RerankerFamily>(
  folder: ModelFolder,
  families: readonly F[],
): Promise<F> {
  for (const family of families) if (await family.matches(folder)) return family;
  const { model_type } = await requireConfig(folder);
  const known = families.map(({ reads }) => reads).join(" or ");
  const file = join(folder.dir, "config.json");
  throw new WinnowError("BadModel", `${file}: expected ${known}, got ${JSON.stringify(model_type)}`);
}
