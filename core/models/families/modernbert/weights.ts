import { join } from "node:path";
import { type HostTensor, readSafetensors } from "../../safetensors.ts";

/** A ModernBERT's tensors by name, without the `model.` prefix that task models add to the encoder's. */
export async function readModernBertWeights(modelDir: string): Promise<Map<string, HostTensor>> {
  const tensors = await readSafetensors(join(modelDir, "model.safetensors"));
  return new Map([...tensors].map(([name, tensor]) => [name.replace(/^model\./, ""), tensor]));
}
