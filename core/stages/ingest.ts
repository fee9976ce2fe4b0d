import { join } from "node:path";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import type { SourceVersion } from "../../contracts/pipeline.ts";
import { WinnowError } from "../base/errors.ts";
import { withDocs } from "../docs/fetchedDocs.ts";
import { sourceDigest } from "../docs/sourceDigest.ts";
import { defineStage, type StageInput, workIn } from "./stage.ts";
import type { ingestDocs } from "./work/ingest.ts";

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

/** Digest of the docs. A folder may have changed since the run began, a commit cannot. */
async function versionNow({ docs, source }: IngestInput): Promise<string> {
  return source.kind === "git" ? source.version : (await sourceDigest(docs.path)).digest;
}

/** Turns docs into passages. */
export const ingest = defineStage({
  name: "ingest",
  of: "ingest",
  queue: "winnow-cpu",
  async reads(input: IngestInput) {
    const version = await versionNow(input);
    return { docs: { digest: version, value: version }, embedder: input.embedder, reranker: input.reranker };
  },
  options: ({ docs }: IngestInput) => ({ baseUrl: docs.baseUrl ?? null }),
  work: workIn<typeof ingestDocs>("work/ingest.ts", "ingestDocs"),
  async run(
    { docs: version, embedder, reranker },
    input: IngestInput,
    { context, signal, compute },
  ): Promise<{ summary: string; facts: IngestFacts }> {
    const { corpus, docs, source } = input;
    return withDocs(context, { path: docs.path, version: source, signal }, async (folder) => {
      const digest = source.kind === "git" ? (await sourceDigest(folder)).digest : version;
      const cache = { file: join(context.home, "pages", `${corpus}.jsonl`), code: context.code.ingest! };
      const models = { tokenizerDir: embedder, rerankerDir: reranker };
      const read = await compute({ source: folder, ...models, baseUrl: docs.baseUrl, cache });
      const { pages, passages, quarantined } = read;
      // The cache finds the passages by this digest, so both must describe the same state of the docs.
      if ((await versionNow(input)) !== version)
        throw new WinnowError("SourceUnavailable", `${docs.path} changed while it was read; it is read again`);
      const bad = quarantined > 0 ? `, ${quarantined} pages quarantined` : "";
      return { summary: `${pages} pages, ${passages} passages${bad}`, facts: { digest, pages, passages, quarantined } };
    });
  },
});
