import { createHash } from "node:crypto";
import type { Network } from "./network.ts";
import type { HostTensor } from "./safetensors.ts";

/** Base model for fine-tuning. `openBaseModel` (families/index.ts) chooses its family. */
export interface BaseModel {
  /** Name in reports and the model card. */
  name: string;
  network: Network;
  weights: Map<string, HostTensor>;
  /** The folder's `config.json`, if it has one. */
  raw: Record<string, unknown> | null;
  /** True if the folder has a trained head. A fresh head is no baseline. */
  hasHead: boolean;
}

/** SHA-256 of all weights, by name. */
export function weightsDigest(weights: ReadonlyMap<string, HostTensor>): string {
  const hash = createHash("sha256");
  for (const [name, { data }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}
