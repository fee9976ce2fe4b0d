import { join } from "node:path";
import { WinnowError } from "../../base/errors.ts";
import type { HostTensor } from "../safetensors.ts";
import type { Head } from "./crossEncoderGraph.ts";
import { type ModelFolder, onnxModel } from "./modelFolder.ts";

/**
 * Layers that read question and passage together under a fresh head. More of them rank no better and cost more
 * (research/notebook/reranker.md#joint-layers).
 */
const JOINT_LAYERS = 1;

/**
 * Number of layers, from the first, that read question and passage as two texts under a fresh head: `winnow.apart` of
 * the base's `config.json`, else all but `JOINT_LAYERS`. Throws BadModel if it is no number of layers.
 */
export function freshApart({ dir, config }: Pick<ModelFolder, "dir" | "config">, layers: number): number {
  const { apart = layers - JOINT_LAYERS } = (config?.winnow ?? {}) as { apart?: unknown };
  if (Number.isInteger(apart) && Number(apart) >= 0 && Number(apart) <= layers) return Number(apart);
  const range = `a whole number of at most ${layers} layers`;
  throw new WinnowError(
    "BadModel",
    `${join(dir, "config.json")}: winnow.apart must be ${range}, got ${JSON.stringify(apart)}`,
  );
}

/** A head as `config.json` states it. Its layers default to those of the architecture's own classifier. */
export type StatedHead = Omit<Head, "layers"> & Partial<Pick<Head, "layers">>;

/** The head of a reranker that Winnow wrote; null for other models. A matching config alone is not enough. */
export async function writtenHead(folder: ModelFolder): Promise<StatedHead | null> {
  if (folder.onnxFile === null || folder.hasSafetensors) return null;
  const { pooling, layers, matching = false, apart = 0 } = (folder.config?.winnow ?? {}) as Partial<StatedHead>;
  if (!pooling || (await onnxModel(folder)).producer !== "winnow") return null;
  return { pooling, ...(layers && { layers }), matching, apart };
}

/** Winnow's own model.onnx keeps every weight under its name, so it can be trained further. */
export async function writtenWeights(folder: ModelFolder): Promise<Map<string, HostTensor>> {
  const { graph } = await onnxModel(folder);
  const stored = graph.initializers.filter(({ name }) => /\.(weight|bias|scale)$/.test(name));
  return new Map(
    stored.map(({ name, dims, raw }) => {
      const data = new Float32Array(Uint8Array.prototype.slice.call(raw).buffer);
      return [name, { dims, data }];
    }),
  );
}
