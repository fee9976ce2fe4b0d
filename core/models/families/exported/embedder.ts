import { WinnowError } from "../../../base/errors.ts";
import type { Tensor } from "../../../onnx/runtime.ts";
import type { EncodedText } from "../../batches.ts";
import type { Embedder, EmbedderOptions } from "../../embedder.ts";
import { openTokenizer } from "../../tokenizer.ts";
import type { Pooling } from "../../tokenLayout.ts";
import { unitRow } from "../../unitRow.ts";
import type { Reading } from "../family.ts";
import { openGraphEmbedder } from "../graphEmbedder.ts";
import { type ModelFolder, onnxModel } from "../modelFolder.ts";
import { describeExport, type EmbeddingOutput } from "./facts.ts";

/**
 * Opens an embedder that another tool exported. Its graph runs unchanged; states are pooled and vectors normalised
 * here. Throws BadModel.
 */
export async function openExportedEmbedder(
  folder: ModelFolder,
  reading: Reading,
  options: EmbedderOptions,
): Promise<Embedder> {
  const { facts, output } = await describeExport(folder, reading);
  const source = folder.onnxFile!;
  return openGraphEmbedder(
    {
      tokenizer: await openTokenizer(folder.dir),
      graph: () => onnxModel(folder),
      file: source,
      vectors: (outputs, rows) => vectorsOf(outputs[output.name]!, rows, facts.dim, reading.pooling, output, source),
      facts: async () => facts,
    },
    options,
  );
}

/** Unit vectors, float32 [rows, dim], from the vectors or states of a batch. */
function vectorsOf(
  { dims, data }: Tensor,
  rows: readonly EncodedText[],
  dim: number,
  pooling: Pooling,
  { name, isStates }: EmbeddingOutput,
  source: string,
): Float32Array {
  const length = isStates ? dims[1]! : 1;
  if (dims.length !== (isStates ? 3 : 2) || dims[0] !== rows.length || dims.at(-1) !== dim) {
    throw new WinnowError("BadModel", `${source}: ${name} is [${dims}], expected ${dim} numbers for each text`);
  }
  const states = data as Float32Array;
  const vectors = new Float32Array(rows.length * dim);
  rows.forEach(({ ids }, row) => {
    const tokens = isStates && pooling === "mean" ? ids.length : 1;
    const own = states.subarray(row * length * dim, (row * length + tokens) * dim);
    unitRow(own, vectors.subarray(row * dim, (row + 1) * dim));
  });
  return vectors;
}
