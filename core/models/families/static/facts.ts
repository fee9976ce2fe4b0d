import { join } from "node:path";
import { WinnowError } from "../../../base/errors.ts";
import { tensorShapes } from "../../safetensors.ts";
import { embedderDigest } from "../embedderDigest.ts";
import type { EmbedderFacts, Reading } from "../family.ts";
import type { ModelFolder } from "../modelFolder.ts";
import { descriptionOf } from "../reading.ts";

/** Names of the table, by sentence-transformers and by model2vec. */
const TABLES = ["embedding.weight", "embeddings"];

/** Where a look-up table lies inside its model folder. */
export interface Table {
  /** Folder of the table and its tokenizer, inside the model's; empty for the model's own. */
  path: string;
  tensor: string;
  words: number;
  dim: number;
}

/** Finds the table by its file's header. Throws BadModel. */
export async function tableIn(folder: ModelFolder): Promise<Table> {
  const [first] = (await descriptionOf(folder)).modules;
  if (first?.type !== "StaticEmbedding") {
    throw new WinnowError("BadModel", `${join(folder.dir, "modules.json")}: expected a StaticEmbedding`);
  }
  const file = join(folder.dir, first.path, "model.safetensors");
  const shapes = await tensorShapes(file);
  const tensor = TABLES.find((name) => shapes.has(name));
  const [words, dim, ...more] = tensor === undefined ? [] : shapes.get(tensor)!;
  if (tensor !== undefined && words !== undefined && dim !== undefined && more.length === 0) {
    return { path: first.path, tensor, words, dim };
  }
  throw new WinnowError("BadModel", `${file}: expected a table ${TABLES.join(" or ")}, got ${[...shapes.keys()]}`);
}

/** Facts of a look-up table, with texts read as in `reading`. Throws BadModel. */
export async function describeStatic(folder: ModelFolder, reading: Reading): Promise<EmbedderFacts> {
  const { path, dim } = await tableIn(folder);
  const files = ["modules.json", join(path, "tokenizer.json"), join(path, "model.safetensors")];
  return {
    id: folder.name,
    dim,
    modelDigest: await embedderDigest(folder.dir, files, reading),
    limits: { maxTokens: reading.maxTokens },
    pooling: reading.pooling,
    prefixes: reading.prefixes,
  };
}
