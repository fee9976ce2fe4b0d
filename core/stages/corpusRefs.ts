import type { ArtifactRef } from "../../contracts/artifacts.ts";

/** Artifacts of one version of a corpus, as retrieval reads them. */
export interface CorpusRefs {
  /** The model that embedded the passages. */
  embedder: ArtifactRef;
  ingest: ArtifactRef;
  embed: ArtifactRef[];
  buildIndex: ArtifactRef;
}

/** The rerankers of a candidate: as fine-tuning left it, and as it began. */
export interface RerankerRefs {
  /** The train stage's artifact: the tuned reranker. */
  train: ArtifactRef;
  untrained: ArtifactRef;
}

/** What of a corpus decides a result, named as in a result's key. */
export function corpusReads({ embedder, ingest, embed, buildIndex }: CorpusRefs) {
  return { embedder, passages: ingest, vectors: embed, index: buildIndex };
}

/** The same as arguments of work. */
export function corpusArgs(found: { embedder: string; passages: string; vectors: string[]; index: string }) {
  const { embedder, passages, vectors, index } = found;
  return { modelDir: embedder, ingestDir: passages, embedDirs: vectors, buildIndexDir: index };
}
