import { join } from "node:path";
import type { ArtifactRef } from "../contracts/artifacts.ts";
import { folderDigest } from "../core/base/folderDigest.ts";
import { runStep, type StageDeps, type StepMode } from "./stageRunner.ts";

export interface EmbedInput {
  corpus: string;
  ingest: ArtifactRef;
  /** Passages `[first, last)` of the corpus. */
  first: number;
  last: number;
  /** The only shard; of several, the run counts those that are done. */
  alone?: boolean;
  mode: StepMode;
}

export interface EmbedFacts {
  count: number;
  /** Texts that went through the model; the others were in the cache. */
  embedded: number;
}

export function createEmbedActivities(deps: StageDeps) {
  return {
    /** One shard of the passages to vectors. */
    async embed({ corpus, ingest, first, last, alone = false, mode }: EmbedInput) {
      const modelDir = deps.models.embedder;
      return runStep<EmbedFacts>(deps, {
        name: "embed",
        stage: "embed",
        corpus,
        slot: `${first}`,
        tells: alone,
        mode,
        inputs: { passages: ingest.sha256, embedder: await folderDigest(modelDir) },
        options: { first, last },
        async work(outDir, pulse) {
          const passagesDir = await deps.store.resolve(ingest);
          const cacheDir = join(deps.home, "embeddings");
          const args = { passagesDir, outDir, modelDir, cacheDir, first, last };
          const { count, embedded, dim, precision } = await deps.compute("embed", args, pulse);
          const how = precision === "int8" ? " by int8" : "";
          const summary = `${count} vectors of ${dim}${how}, ${count - embedded} from the cache`;
          return { summary, facts: { count, embedded } };
        },
      });
    },
  };
}
