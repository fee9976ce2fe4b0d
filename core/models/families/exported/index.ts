import type { EmbedderFamily, RerankerFamily } from "../family.ts";
import { onnxModel } from "../modelFolder.ts";
import { readingOf } from "../reading.ts";
import { describeExport } from "./facts.ts";
import { exportedNetwork, exportedWeights } from "./network.ts";

/** Embedders exported by other tools: any architecture whose vectors, or whose tokens' states, are an output. */
export const exportedEmbedder: EmbedderFamily = {
  name: "exported",
  reads: "an embedder's onnx/model.onnx",
  matches: ({ onnxFile }) => onnxFile !== null,
  describe: async (folder) => (await describeExport(folder, await readingOf(folder))).facts,
  async open(folder, options) {
    // Loaded on use, because it imports the ONNX runtime.
    const { openExportedEmbedder } = await import("./embedder.ts");
    return openExportedEmbedder(folder, await readingOf(folder), options);
  },
};

/** Cross-encoders with a trained head, exported by other tools: BERT, DistilBERT, RoBERTa, XLM-R and similar models. */
export const exportedReranker: RerankerFamily = {
  name: "exported",
  reads: "a cross-encoder's onnx/model.onnx",
  matches: ({ onnxFile }) => onnxFile !== null,
  async open(folder) {
    const { name, config: raw, onnxFile } = folder;
    const model = await onnxModel(folder);
    return {
      name,
      raw,
      network: exportedNetwork(model, raw, onnxFile!),
      weights: exportedWeights(model),
      hasHead: true,
    };
  },
};
