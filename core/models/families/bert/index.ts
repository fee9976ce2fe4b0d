import type { EmbedderFamily, RerankerFamily } from "../family.ts";
import { readingOf } from "../reading.ts";
import { isBertBase, openBertBase } from "./baseModel.ts";
import { describeBert } from "./facts.ts";

/** Sentence-transformers models of BERT's architecture. */
export const bertEmbedder: EmbedderFamily = {
  name: "bert",
  reads: 'model_type "bert"',
  matches: ({ config, hasSafetensors, onnxFile }) =>
    config?.model_type === "bert" && (hasSafetensors || onnxFile === null),
  describe: async (folder) => describeBert(folder, await readingOf(folder)),
  async open(folder, options) {
    // Loaded on use, because it imports the ONNX runtime.
    const { openBertEmbedder } = await import("./embedder.ts");
    return openBertEmbedder(folder, await readingOf(folder), options);
  },
};

/** BERT built from its weights: an encoder, a BertForSequenceClassification, or a reranker that Winnow wrote. */
export const bertReranker: RerankerFamily = {
  name: "bert",
  reads: 'model_type "bert"',
  matches: isBertBase,
  open: openBertBase,
};
