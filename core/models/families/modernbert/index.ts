import { encoderFacts } from "../encoderFacts.ts";
import type { EmbedderFamily, RerankerFamily } from "../family.ts";
import { readingOf } from "../reading.ts";
import { isModernBertBase, openModernBertBase } from "./baseModel.ts";
import { modernBertConfig } from "./config.ts";

/** Sentence-transformers models of ModernBERT's architecture. */
export const modernBertEmbedder: EmbedderFamily = {
  name: "modernbert",
  reads: 'model_type "modernbert"',
  matches: ({ config, hasSafetensors, onnxFile }) =>
    config?.model_type === "modernbert" && (hasSafetensors || onnxFile === null),
  describe: async (folder) => encoderFacts(folder, await readingOf(folder), await modernBertConfig(folder)),
  async open(folder, options) {
    // Loaded on use, because it imports the ONNX runtime.
    const { openModernBertEmbedder } = await import("./embedder.ts");
    return openModernBertEmbedder(folder, await readingOf(folder), options);
  },
};

/**
 * ModernBERT built from its weights: an encoder, a ModernBertForSequenceClassification, a modular reranker, or one that
 * Winnow wrote.
 */
export const modernBertReranker: RerankerFamily = {
  name: "modernbert",
  reads: 'model_type "modernbert"',
  matches: isModernBertBase,
  open: openModernBertBase,
};
