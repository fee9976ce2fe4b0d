import type { EncoderSizes } from "./crossEncoderGraph.ts";
import { embedderDigest } from "./embedderDigest.ts";
import type { EmbedderFacts, Reading } from "./family.ts";
import type { ModelFolder } from "./modelFolder.ts";
import { headFiles } from "./modularHead.ts";
import { descriptionOf } from "./reading.ts";

const FILES = ["config.json", "tokenizer.json", "model.safetensors"];

/** Facts of an embedder that Winnow builds from its weights, with texts read as in `reading`. Throws BadModel. */
export async function encoderFacts(
  folder: ModelFolder,
  reading: Reading,
  { hidden, positions }: Pick<EncoderSizes, "hidden" | "positions">,
): Promise<EmbedderFacts> {
  const { pooling, prefixes, maxTokens } = reading;
  const description = await descriptionOf(folder);
  return {
    id: folder.name,
    dim: description.dimensions ?? hidden,
    modelDigest: await embedderDigest(folder.dir, [...FILES, ...headFiles(description)], reading),
    limits: { maxTokens: Math.min(maxTokens, positions) },
    pooling,
    prefixes,
  };
}
