import { join } from "node:path";
import type { SourceVersion } from "../contracts/pipeline.ts";
import { WinnowError } from "../core/base/errors.ts";
import { sourceDigest } from "../core/docs/sourceDigest.ts";
import { type DocsDeps, withDocs } from "./docs.ts";
import { runStep, type StageDeps, type StepMode } from "./stageRunner.ts";

export interface IngestInput {
  corpus: string;
  docs: { path: string; baseUrl?: string };
  /** What the source resolved to when the run began. */
  source: SourceVersion;
  mode: StepMode;
}

/** What later stages and the release say about the corpus. */
export interface IngestFacts {
  digest: string;
  pages: number;
  passages: number;
  quarantined: number;
}

export function createIngestActivities(deps: StageDeps & DocsDeps) {
  return {
    /** Docs to passages. */
    async ingest({ corpus, docs, source, mode }: IngestInput) {
      // A folder may have changed since the run began; a commit cannot.
      const version = source.kind === "git" ? source.version : (await sourceDigest(docs.path)).digest;
      return runStep<IngestFacts>(deps, {
        name: "ingest",
        stage: "ingest",
        corpus,
        mode,
        inputs: { docs: version },
        options: { baseUrl: docs.baseUrl ?? null },
        async work(outDir, pulse) {
          return withDocs(deps, { path: docs.path, version: source, signal: pulse.signal }, async (folder) => {
            const digest = source.kind === "git" ? (await sourceDigest(folder)).digest : version;
            const cache = { file: join(deps.home, "pages", `${corpus}.jsonl`), code: deps.code.ingest };
            const args = { source: folder, outDir, tokenizerDir: deps.models.embedder, baseUrl: docs.baseUrl, cache };
            const { pages, passages, quarantined } = await deps.compute("ingest", args, pulse);
            // A record of what was read is found by the digest: the two must not be of different moments.
            if (source.kind !== "git" && (await sourceDigest(docs.path)).digest !== version)
              throw new WinnowError("SourceUnavailable", `${docs.path} changed while it was read; it is read again`);
            const bad = quarantined > 0 ? `, ${quarantined} pages quarantined` : "";
            const facts = { digest, pages, passages, quarantined };
            return { summary: `${pages} pages, ${passages} passages${bad}`, facts };
          });
        },
      });
    },
  };
}
