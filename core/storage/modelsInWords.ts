import type { NamedModel } from "../../contracts/models.ts";
import type { ReleaseManifest } from "../../contracts/release.ts";

/** Hexadecimal digits of a digest that people see. */
const SHOWN = 12;

/** A model by name and the start of its artifact's digest. */
export function modelInWords({ name, digest }: NamedModel): string {
  return `${name} (${digest.slice(0, SHOWN)})`;
}

/** The models that a release was made from, in words; empty for a release from before models had names. */
export function modelsInWords({ models }: Pick<ReleaseManifest, "models">): string[] {
  if (!models) return [];
  const { embedder, reranker } = models;
  return [`embedder ${modelInWords(embedder)}`, ...(reranker ? [`reranker from ${modelInWords(reranker)}`] : [])];
}
