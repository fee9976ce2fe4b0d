import type { EmbedderFamily } from "../family.ts";
import { descriptionOf, readingOf } from "../reading.ts";
import { describeStatic } from "./facts.ts";

/** Look-up tables: StaticEmbedding of sentence-transformers. */
export const staticEmbedder: EmbedderFamily = {
  name: "static",
  reads: "a StaticEmbedding in modules.json",
  matches: async (folder) => folder.hasModules && (await descriptionOf(folder)).modelType === "static",
  describe: async (folder) => describeStatic(folder, await readingOf(folder)),
  async open(folder) {
    // Loaded on use, because it imports the tokenizer's library.
    const { openStaticEmbedder } = await import("./embedder.ts");
    return openStaticEmbedder(folder, await readingOf(folder));
  },
};
