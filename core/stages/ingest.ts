import { join } from "node:path";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import type { SourceVersion } from "../../contracts/pipeline.ts";
import { WinnowError } from "../base/errors.ts";
import { versionNow, withDocs } from "../docs/fetchedDocs.ts";
import { sourceDigest } from "../docs/sourceDigest.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface IngestInput extends StageInput {
  docs: { path: string; baseUrl?: string };
  /** Version of the source when the run began. */
  source: SourceVersion;
  /** Models that read the passages. Their tokenizers measure them. */
  embedder: ArtifactRef;
  reranker: ArtifactRef;
}

/** Facts about the corpus for later stages and the release. */
export interface IngestFacts {
  digest: string;
  pages: number;
  passages: number;
  quarantined: number;
}

/** Turns docs into passages. */
export const ingest = defineStage({
  name: "ingest",
  of: "ingest",
  queue: "winnow-cpu",
  async reads(input: IngestInput, context, pulse) {
    const { docs, source } = input;
    const look = pulse ?? { signal: new AbortController().signal };
    const version = await versionNow(context, docs.path, source, look);
    return { docs: { digest: version, value: version }, embedder: input.embedder, reranker: input.reranker };
  },
  options: ({ docs }: IngestInput) => ({ baseUrl: docs.baseUrl ?? null }),
  work: works.ingest,
  async run(
    { docs: version, embedder, reranker },
    input: IngestInput,
    { context, signal, onProgress, compute },
  ): Promise<{ summary: string; facts: IngestFacts }> {
    const { corpus, docs, source } = input;
    const look = { signal, onProgress };
    return withDocs(context, { path: docs.path, version: source, ...look }, async ({ folder, addresses, report }) => {
      const digest = source.kind === "git" ? (await sourceDigest(folder)).digest : version;
      const cache = { file: join(context.home, "pages", `${corpus}.jsonl`), code: context.code.ingest! };
      const models = { tokenizerDir: embedder, rerankerDir: reranker };
      const read = await compute({ source: folder, addresses, ...models, baseUrl: docs.baseUrl, cache });
      const { pages, passages, quarantined } = read;
      // The cache finds the passages by this digest, so both must describe the same state of the docs.
      if ((await versionNow(context, docs.path, source, look)) !== version)
        throw new WinnowError("SourceUnavailable", `${docs.path} changed while it was read; it is read again`);
      const bad = quarantined > 0 ? `, ${quarantined} pages quarantined` : "";
      const visit = report ? `; visit of the site: ${report}` : "";
      const summary = `${pages} pages, ${passages} passages${bad}${visit}`;
      return { summary, facts: { digest, pages, passages, quarantined } };
    });
  },
});
