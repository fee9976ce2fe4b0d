import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { seededRandom } from "../../../../base/random.ts";
import { readSafetensors, writeSafetensors } from "../../../safetensors.ts";

/** Norm of a tensor, then four values spread over it. */
export type Summary = number[];

export interface RerankerReference {
  logits: number[];
  losses: number[];
  /** Change of each trained weight over all steps. */
  changes: Record<string, Summary>;
}

/** What transformers and sentence-transformers compute with the fixtures (fixtures/modernbert_reference.py). */
export interface Reference {
  question: string;
  passages: string[];
  targets: number[];
  rate: number;
  decay: number;
  clip: number;
  /** Token ids of the passages and the question. */
  texts: number[][];
  pairs: number[][];
  rerankers: Record<string, RerankerReference>;
  /** Unit vectors of the passages and the question, by pooling. */
  embedder: {
    vectors: Record<"cls" | "mean", number[][]>;
    /** Logits of the encoder with Winnow's fresh head. */
    matches: number[];
  };
}

const fixtures = new URL("../fixtures/", import.meta.url);

export const reference: Reference = JSON.parse(await readFile(new URL("modernbert.json", fixtures), "utf8"));

export function fixtureFolder(name: string): string {
  return fileURLToPath(new URL(name, fixtures));
}

/** Writes the embedder's folder. A seed other than 1 changes its weights. */
export async function writeModernBert(folder: string, seed = 1): Promise<void> {
  await cp(fixtureFolder("embedder"), folder, { recursive: true });
  if (seed === 1) return;
  const random = seededRandom(seed);
  const weights = await readSafetensors(join(folder, "model.safetensors"));
  for (const { data } of weights.values()) for (const [i, x] of data.entries()) data[i] = x + 0.01 * random();
  await writeSafetensors(join(folder, "model.safetensors"), weights);
}
