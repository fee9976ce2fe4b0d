import { join } from "node:path";
import { type HostTensor, readSafetensors } from "../../safetensors.ts";
import { bertName } from "./architectures.ts";
import type { BertConfig } from "./config.ts";

/**
 * A model's tensors by BERT's names, without the prefix that task models add to the encoder's. Of the position and
 * segment tables, only the rows that texts use.
 */
export async function readBertWeights(modelDir: string, config: BertConfig): Promise<Map<string, HostTensor>> {
  const weights = new Map<string, HostTensor>();
  for (const [stored, tensor] of await readSafetensors(join(modelDir, "model.safetensors"))) {
    const name = bertName(stored, config.of);
    if (name !== null) weights.set(name, usedRows(name, tensor, config));
  }
  return weights;
}

function usedRows(name: string, tensor: HostTensor, { segments, skippedPositions }: BertConfig): HostTensor {
  if (name === "embeddings.position_embeddings.weight") return rows(tensor, skippedPositions);
  if (name === "embeddings.token_type_embeddings.weight" && segments === 1) return rows(tensor, 0, 1);
  return tensor;
}

function rows({ dims, data }: HostTensor, first: number, end = dims[0]!): HostTensor {
  const [, width = 1] = dims;
  return { dims: [Math.max(0, end - first), ...dims.slice(1)], data: data.subarray(first * width, end * width) };
}
