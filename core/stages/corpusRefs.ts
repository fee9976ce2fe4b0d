import type { ArtifactRef } from "../../contracts/artifacts.ts";

/** The artifacts of one version of a corpus that retrieval reads. */
export interface CorpusRefs {
  /** The model that embedded the passages. */
  embedder: ArtifactRef;
  ingest: ArtifactRef;
  embed: ArtifactRef[];
  buildIndex: ArtifactRef;
}

/** Names of the models that a candidate is made from. */
export interface ModelNames {
  embedder: string;
  /** The model that the reranker starts from. */
  reranker: string;
}

/** The rerankers of a candidate, after and before fine-tuning. */
export interface RerankerRefs {
  /** The train stage's artifact: the tuned reranker, or null if nothing was trained. */
  train: ArtifactRef | null;
  untrained: ArtifactRef;
}

/** The artifacts of a corpus that determine a result, named as in a result's key. */
export function corpusReads({ embedder, ingest, embed, buildIndex }: CorpusRefs) {
  return { embedder, passages: ingest, vectors: embed, index: buildIndex };
}

/** Their folders, as arguments of work. */
export function corpusArgs(found: { embedder: string; passages: string; vectors: string[]; index: string }) {
  const { embedder, passages, vectors, index } = found;
  return { modelDir: embedder, ingestDir: passages, embedDirs: vectors, buildIndexDir: index };
}
