import { createHash } from "node:crypto";
import type { Network } from "./network.ts";
import type { HostTensor } from "./safetensors.ts";

/** What fine-tuning starts from. Its family is chosen by `openBaseModel` (families/index.ts). */
export interface BaseModel {
  /** For reports and the model card. */
  name: string;
  network: Network;
  weights: Map<string, HostTensor>;
  /** The folder's `config.json`, if it has one. */
  raw: Record<string, unknown> | null;
  /** A trained head came with the folder; otherwise it is fresh and no baseline. */
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
