import { readModules } from "../../reading/modules.ts";
import type { EmbedderFamily } from "../family.ts";
import { readingOf } from "../reading.ts";
import { describeStatic } from "./facts.ts";

/** Look-up tables: StaticEmbedding of sentence-transformers. */
export const staticEmbedder: EmbedderFamily = {
  name: "static",
  reads: "a StaticEmbedding in modules.json",
  // By the modules alone: an installation asks before the weights are there.
  matches: async ({ dir, hasModules }) => hasModules && (await readModules(dir))[0]?.type === "StaticEmbedding",
  describe: async (folder) => describeStatic(folder, await readingOf(folder)),
  async open(folder) {
    // Loaded on use, because it imports the tokenizer's library.
    const { openStaticEmbedder } = await import("./embedder.ts");
    return openStaticEmbedder(folder, await readingOf(folder));
  },
};
