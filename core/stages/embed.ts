import { join } from "node:path";
import type { ArtifactRef } from "../../contracts/artifacts.ts";
import { defineStage, type StageInput } from "./stage.ts";
import { works } from "./works.ts";

export interface EmbedInput extends StageInput {
  embedder: ArtifactRef;
  ingest: ArtifactRef;
  /** Passages `[first, last)` of the corpus. */
  first: number;
  last: number;
  /** True if this is the only shard. With several, the run counts finished shards instead. */
  alone: boolean;
}

/** Embeds one shard of the passages. */
export const embed = defineStage({
  name: "embed",
  of: "embed",
  queue: "winnow-cpu",
  slot: ({ first }: EmbedInput) => `${first}`,
  reports: ({ alone }: EmbedInput) => alone,
  reads: ({ ingest, embedder }: EmbedInput) => ({ passages: ingest, embedder }),
  options: ({ first, last }: EmbedInput) => ({ first, last }),
  work: works.embed,
  async run({ passages, embedder }, { first, last }: EmbedInput, { context, compute }) {
    const cacheDir = join(context.home, "embeddings");
    const report = await compute({ passagesDir: passages, modelDir: embedder, cacheDir, first, last });
    const { count, embedded, dim, precision } = report;
    const how = precision === "int8" ? " by int8" : "";
    const summary = `${count} vectors of ${dim}${how}, ${count - embedded} from the cache`;
    return { summary, facts: { count, embedded } };
  },
});
