import { relative } from "node:path";
import { WinnowError } from "../../../base/errors.ts";
import { ELEMENT_CODES, type ModelProto, type ValueProto } from "../../../onnx/schema.ts";
import { embedderDigest } from "../embedderDigest.ts";
import type { EmbedderFacts, Reading } from "../family.ts";
import { type ModelFolder, onnxModel } from "../modelFolder.ts";
import { descriptionOf } from "../reading.ts";
import { inputNames } from "./inputs.ts";

/** The output of an exported embedder from which vectors are made. */
export interface EmbeddingOutput {
  name: string;
  /** States of the tokens [batch, length, dim], which are pooled; else vectors [batch, dim]. */
  isStates: boolean;
  /** Null if the graph does not state it. */
  dim: number | null;
}

const VECTORS = ["sentence_embedding", "embeddings"];
const STATES = ["last_hidden_state", "token_embeddings"];

/**
 * Chooses the output: pooled vectors where the export has them, because they include all of the model's modules, else
 * the states of the last layer. A pooling that the operator stated needs states. Throws BadModel.
 */
function embeddingOutput(model: ModelProto, source: string, needsStates: boolean): EmbeddingOutput {
  const { outputs } = model.graph;
  const named = (names: string[]) => outputs.find(({ name }) => names.includes(name));
  const only = outputs.length === 1 && outputs[0]!.name !== "logits" ? outputs[0] : undefined;
  const pooled = needsStates ? undefined : named(VECTORS);
  const output = pooled ?? named(STATES) ?? only;
  if (!output) {
    const got = outputs.map(({ name }) => name).join(", ");
    throw new WinnowError(
      "BadModel",
      `${source}: expected the output ${[...VECTORS, ...STATES].join(" or ")}, got ${got}`,
    );
  }
  if (output.elementCode !== ELEMENT_CODES.float32) {
    const why = `output ${output.name} is of element type ${output.elementCode}; use a float32 export`;
    throw new WinnowError("BadModel", `${source}: ${why}`);
  }
  return { name: output.name, isStates: output !== pooled && output.dims.length !== 2, dim: widthOf(output) };
}

function widthOf({ dims }: ValueProto): number | null {
  const width = dims.at(-1);
  return typeof width === "number" && width > 0 ? width : null;
}

/** Facts of an exported embedder, with the output that makes its vectors. Throws BadModel. */
export async function describeExport(
  folder: ModelFolder,
  reading: Reading,
): Promise<{ facts: EmbedderFacts; output: EmbeddingOutput }> {
  const [model, source] = [await onnxModel(folder), folder.onnxFile!];
  inputNames(model, source);
  const { dimensions, from, modules } = await descriptionOf(folder);
  const output = embeddingOutput(model, source, from.pooling === "option");
  if (output.isStates && modules.some(({ type }) => type === "Dense")) {
    const why = "modules.json lists a Dense layer, which this export lacks; export it with sentence-transformers";
    throw new WinnowError("BadModel", `${source}: ${why}`);
  }
  const dim = output.dim ?? dimensions;
  if (dim === null) throw new WinnowError("BadModel", `${source} does not state the width of ${output.name}`);
  const files = [...(folder.config ? ["config.json"] : []), "tokenizer.json", relative(folder.dir, source)];
  const facts = {
    id: folder.name,
    dim,
    modelDigest: await embedderDigest(folder.dir, files, reading),
    limits: { maxTokens: reading.maxTokens },
    pooling: reading.pooling,
    prefixes: reading.prefixes,
  };
  return { facts, output };
}
