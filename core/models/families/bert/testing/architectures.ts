import { cp, mkdtemp, readFile, rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  bertEmbedder,
  bertReranker,
  distilbertEmbedder,
  distilbertReranker,
  robertaEmbedder,
  robertaReranker,
} from "../index.ts";

export const FAMILIES = {
  bert: { embedder: bertEmbedder, reranker: bertReranker },
  distilbert: { embedder: distilbertEmbedder, reranker: distilbertReranker },
  roberta: { embedder: robertaEmbedder, reranker: robertaReranker },
  "xlm-roberta": { embedder: robertaEmbedder, reranker: robertaReranker },
};
export type ArchitectureName = keyof typeof FAMILIES;
export const NAMES = Object.keys(FAMILIES) as ArchitectureName[];
/** BERT's embedders have cases of their own. */
export const WITHOUT_SEGMENTS = ["distilbert", "roberta", "xlm-roberta"] as const;

interface References {
  question: string;
  passages: string[];
  texts: string[];
  targets: number[];
  rate: number;
  decay: number;
  clip: number;
  models: Record<ArchitectureName, { vectors: number[][]; logits: number[]; losses: number[] }> & {
    /** A DistilBERT with mean pooling and a head of modules. */
    modular: { logits: number[] };
  };
}

const fixtures = new URL("../fixtures/", import.meta.url);

/** Results of transformers, sentence-transformers and PyTorch for the fixture models (architectures_reference.py). */
export const architectures: References = JSON.parse(await readFile(new URL("architectures.json", fixtures), "utf8"));

export function rerankerFolder(name: ArchitectureName | "modular"): string {
  return fileURLToPath(new URL(`rerankers/${name}`, fixtures));
}

export function embedderFolder(name: (typeof WITHOUT_SEGMENTS)[number]): string {
  return fileURLToPath(new URL(`embedders/${name}`, fixtures));
}

/** A copy of the reranker with the weights that PyTorch's steps led to. */
export async function afterSteps(name: ArchitectureName): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "winnow-after-"));
  await cp(rerankerFolder(name), folder, { recursive: true });
  await rename(join(folder, "trained.safetensors"), join(folder, "model.safetensors"));
  return folder;
}
