import type { ArtifactRef } from "../contracts/artifacts.ts";
import { verifyIndex } from "../core/retrieval/openIndex.ts";
import { runStep, type StageDeps, type StepMode } from "./stageRunner.ts";

export interface BuildIndexInput {
  corpus: string;
  ingest: ArtifactRef;
  embed: ArtifactRef[];
  mode: StepMode;
}

export interface BuildIndexFacts {
  recallAt100: number;
}

export function createBuildIndexActivities(deps: StageDeps) {
  return {
    /** Vectors and passages to the BM25 index and that of FAISS, or of the vector database the operator named. */
    async buildIndex({ corpus, ingest, embed, mode }: BuildIndexInput) {
      const { vectors } = deps;
      return runStep<BuildIndexFacts>(deps, {
        name: "build-index",
        stage: "build-index",
        corpus,
        mode,
        inputs: { passages: ingest.sha256, vectors: embed.map((ref) => ref.sha256).join(" ") },
        options: vectors ? { vectors: vectors.kind } : {},
        verify: (folder) => verifyIndex(folder, vectors ?? null),
        async work(outDir, pulse) {
          const passagesDir = await deps.store.resolve(ingest);
          const embedDirs = await Promise.all(embed.map((ref) => deps.store.resolve(ref)));
          const args = { passagesDir, embedDirs, outDir };
          const { kind, backend, count, recallAt100, fallback } = await deps.compute("buildIndex", args, pulse);
          const without = fallback ? ` (FAISS not used: ${fallback})` : "";
          const summary = `${count} vectors, ${kind} by ${backend}, recall@100 ${recallAt100.toFixed(3)}${without}`;
          return { summary, facts: { recallAt100 } };
        },
      });
    },
  };
}
