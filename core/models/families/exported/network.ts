import { createHash } from "node:crypto";
import { WinnowError } from "../../../base/errors.ts";
import { importModel, trainableTensors } from "../../../onnx/importModel.ts";
import { type ModelProto, type NodeProto, typeName } from "../../../onnx/schema.ts";
import { encoderFeeds } from "../../batches.ts";
import { type Network, oneLabelConfig } from "../../network.ts";
import type { HostTensor } from "../../safetensors.ts";
import { inputNames } from "./inputs.ts";

/** Smaller tables hold segments, not positions. */
const FEWEST_POSITIONS = 8;

/** The float32 tensors of an exported model, by their names in the file. */
export function exportedWeights(model: ModelProto): Map<string, HostTensor> {
  return new Map(
    trainableTensors(model).map(({ name, dims, raw }) => {
      // The bytes in the file may be unaligned.
      const data = new Float32Array(Uint8Array.prototype.slice.call(raw).buffer);
      return [name, { dims, data }];
    }),
  );
}

/**
 * A cross-encoder exported by another tool (BERT, DistilBERT, RoBERTa, XLM-R and similar models with a trained head).
 * Its operators are differentiated unchanged, so there is no dropout, and sequences are padded.
 * Throws BadModel if `model` is not a cross-encoder with one logit, UnsupportedGraph if it cannot be differentiated.
 *
 * @param raw the folder's `config.json`, if it has one.
 * @param source names the file in errors.
 */
export function exportedNetwork(model: ModelProto, raw: Record<string, unknown> | null, source: string): Network {
  const inputs = inputNames(model, source);
  checkShape(model, source);
  const words = wordTable(model, source);
  return {
    forward(graph, weights) {
      const logits = importModel(graph, model, weights, source).outputs.get("logits");
      if (logits?.dims.length === 2 && logits.dims[1] === 1) return logits;
      throw new WinnowError(
        "BadModel",
        `${source}: logits is [${logits?.dims}], expected [batch, 1] of a cross-encoder`,
      );
    },
    apart: null,
    feeds: (rows) => Object.fromEntries(Object.entries(encoderFeeds(rows)).filter(([name]) => inputs.includes(name))),
    maskWidth: 0,
    frozen: (layers) => frozenTensors(model, words.name, layers, source),
    isHead: () => false,
    vocabulary: words.dims[0]!,
    positions: positionsOf(model, words, raw),
    fingerprint: createHash("sha256").update(JSON.stringify(model.graph.nodes, withoutBytes)).digest("hex"),
    toModel: (weights) => withWeights(model, weights),
    config: () => raw && oneLabelConfig(raw),
  };
}

function checkShape(model: ModelProto, source: string): void {
  if (!model.graph.outputs.some(({ name }) => name === "logits")) {
    const outputs = model.graph.outputs.map(({ name }) => name).join(", ");
    throw new WinnowError("BadModel", `${source}: expected the output logits of a trained head, got ${outputs}`);
  }
  const half = model.graph.initializers.find(({ elementCode, dims }) => !typeName(elementCode) && dims.length > 0);
  if (half) {
    const why = `tensor ${half.name} is of element type ${half.elementCode}; fine-tuning needs a float32 export`;
    throw new WinnowError("UnsupportedGraph", `${source}: ${why}`);
  }
}

/** Stored tables whose rows are looked up, with the node that looks them up. */
function tables(model: ModelProto) {
  const stored = new Map(trainableTensors(model).map((tensor) => [tensor.name, tensor]));
  return model.graph.nodes.flatMap((node) => {
    const table = node.op === "Gather" ? stored.get(node.inputs[0]!) : undefined;
    return table?.dims.length === 2 ? [{ node, table }] : [];
  });
}

function wordTable(model: ModelProto, source: string) {
  const makers = new Map(model.graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  const isIds = (name: string): boolean => {
    const maker = makers.get(name);
    return name === "input_ids" || ((maker?.op === "Cast" || maker?.op === "Identity") && isIds(maker.inputs[0]!));
  };
  const found = tables(model).find(({ node }) => isIds(node.inputs[1]!));
  if (found) return found.table;
  throw new WinnowError("BadModel", `${source}: no float32 table of word embeddings is looked up by input_ids`);
}

/** RoBERTa and its variants count positions from the padding token's id + 1. */
function positionsOf(model: ModelProto, words: { name: string; dims: number[] }, raw: Record<string, unknown> | null) {
  const places = tables(model)
    .filter(({ table: { name, dims } }) => name !== words.name && dims[1] === words.dims[1])
    .map(({ table }) => table.dims[0]!)
    .filter((rows) => rows >= FEWEST_POSITIONS);
  const counted = model.graph.nodes.some(({ op }) => op === "CumSum");
  const first = counted ? Number(raw?.pad_token_id ?? 1) + 1 : 0;
  return places.length ? Math.min(...places) - first : Number.MAX_SAFE_INTEGER;
}

/** Identifies layers by the names of the nodes that read a tensor, because the weights of products have lost theirs. */
function frozenTensors(model: ModelProto, words: string, layers: number, source: string) {
  const readers = new Map<string, NodeProto[]>();
  for (const node of model.graph.nodes) {
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  }
  const names = (tensor: string) => [tensor, ...(readers.get(tensor) ?? []).map(({ name }) => name)].join(" ");
  const layerOf = (tensor: string) => Number(/\blayers?[./](\d+)/.exec(names(tensor))?.[1] ?? Number.NaN);
  const all = trainableTensors(model);
  const of = Math.max(-1, ...all.map(({ name }) => layerOf(name)).filter((layer) => layer >= 0)) + 1;
  if (layers > of) {
    const known = of > 0 ? `the model has ${of} layers` : "the export's node names do not identify its layers";
    throw new WinnowError("BadInput", `frozenLayers is ${layers}, but ${known} (${source})`);
  }
  const constants = new Set(all.filter(({ dims }) => dims.every((dim) => dim === 1)).map(({ name }) => name));
  const isBias = ({ op, inputs }: NodeProto, tensor: string) => op === "Add" || (op === "Gemm" && inputs[2] === tensor);
  return (tensor: string): boolean => {
    if (tensor === words) return true;
    // A scalar that is not a bias belongs to a formula, such as the exponent 2 of a square.
    if (constants.has(tensor) && !readers.get(tensor)?.every((node) => isBias(node, tensor))) return true;
    return layers > 0 && (layerOf(tensor) < layers || /embeddings/.test(names(tensor)));
  };
}

function withWeights(model: ModelProto, weights: Map<string, HostTensor>): ModelProto {
  const initializers = model.graph.initializers.map((tensor) => {
    const data = weights.get(tensor.name)?.data;
    return data ? { ...tensor, raw: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) } : tensor;
  });
  return { ...model, graph: { ...model.graph, initializers } };
}

function withoutBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? createHash("sha256").update(value).digest("hex") : value;
}
