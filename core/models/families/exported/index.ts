import type { RerankerFamily } from "../family.ts";
import { onnxModel } from "../modelFolder.ts";
import { exportedNetwork, exportedWeights } from "./network.ts";

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
