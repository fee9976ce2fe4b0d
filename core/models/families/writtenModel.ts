import type { HeadLayer } from "../headLayers.ts";
import type { HostTensor } from "../safetensors.ts";
import type { Pooling } from "../tokenLayout.ts";
import { type ModelFolder, onnxModel } from "./modelFolder.ts";

/** The head of a reranker that Winnow wrote, as its `config.json` states it. */
export interface WrittenHead {
  pooling: Pooling;
  layers?: readonly HeadLayer[];
  matching: boolean;
  apart: number;
}

/** The head of a reranker that Winnow wrote; null for other models. A matching config alone is not enough. */
export async function writtenHead(folder: ModelFolder): Promise<WrittenHead | null> {
  if (folder.onnxFile === null || folder.hasSafetensors) return null;
  const { pooling, layers, matching = false, apart = 0 } = (folder.config?.winnow ?? {}) as Partial<WrittenHead>;
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
