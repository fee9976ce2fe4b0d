import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { verifyCorpus } from "../retrieval/corpora/index.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface BuildIndexInput extends StageInput {
  ingest: ArtifactRef;
  embed: ArtifactRef[];
}

/** Builds the BM25 index and the vector index from vectors and passages. */
export const buildIndex = defineStage({
  name: "build-index",
  of: "build-index",
  queue: "winnow-cpu",
  reads: ({ ingest, embed }: BuildIndexInput) => ({ passages: ingest, vectors: embed }),
  options: (_input: BuildIndexInput, { vectors }) => {
    if (!vectors) return {};
    return vectors.corpus ? { search: vectors.kind, shards: vectors.corpus.shards } : { vectors: vectors.kind };
  },
  verify: (folder, { vectors }) => verifyCorpus(folder, vectors),
  work: works.buildIndex,
  async run({ passages, vectors }, _input: BuildIndexInput, { compute }) {
    const report = await compute({ passagesDir: passages, embedDirs: vectors });
    const { kind, backend, count, recallAt100, fallback } = report;
    const without = fallback ? ` (FAISS not used: ${fallback})` : "";
    const summary = `${count} vectors, ${kind} by ${backend}, recall@100 ${recallAt100.toFixed(3)}${without}`;
    return { summary, facts: { recallAt100 } };
  },
});
