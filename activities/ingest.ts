import { sourceDigest } from "../core/corpus/sourceDigest.ts";
import { runStep, type StageDeps, type StepMode } from "./stageRunner.ts";

export interface IngestInput {
  corpus: string;
  docs: { path: string; baseUrl?: string };
  mode: StepMode;
}

/** What later stages and the release say about the corpus. */
export interface IngestFacts {
  digest: string;
  pages: number;
  passages: number;
  quarantined: number;
}

export function createIngestActivities(deps: StageDeps) {
  return {
    /** Docs to passages. */
    async ingest({ corpus, docs, mode }: IngestInput) {
      const source = await sourceDigest(docs.path);
      return runStep<IngestFacts>(deps, {
        name: "ingest",
        stage: "ingest",
        corpus,
        mode,
        inputs: { docs: source.digest },
        options: { baseUrl: docs.baseUrl ?? null },
        async work(outDir, pulse) {
          const args = { source: docs.path, outDir, tokenizerDir: deps.models.embedder, baseUrl: docs.baseUrl };
          const report = await deps.compute("ingest", args, pulse);
          const { pages, passages, quarantined } = report;
          const bad = quarantined > 0 ? `, ${quarantined} pages quarantined` : "";
          const facts = { digest: source.digest, pages, passages, quarantined };
          return { summary: `${pages} pages, ${passages} passages${bad}`, facts };
        },
      });
    },
  };
}
