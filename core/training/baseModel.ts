import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { seededRandom } from "../evaluation/random.ts";
import { type BertConfig, readBertConfig, readConfig } from "../models/bertConfig.ts";
import type { HostTensor } from "../models/safetensors.ts";
import { readModel } from "../onnx/read.ts";
import type { ModelProto } from "../onnx/schema.ts";
import type { Pooling } from "../onnx/tokenLayout.ts";
import { readBertWeights, requireTensor } from "../reranker/bertWeights.ts";
import { modelFile } from "../reranker/crossEncoder.ts";
import { HEAD_WEIGHTS } from "../reranker/crossEncoderGraph.ts";
import { exportedNetwork, exportedWeights } from "./exportedNetwork.ts";
import { bertNetwork, type Network } from "./network.ts";

/** What fine-tuning starts from. */
export interface BaseModel {
  /** For reports and the model card. */
  name: string;
  network: Network;
  weights: Map<string, HostTensor>;
  /** The folder's `config.json`, if it has one. */
  raw: Record<string, unknown> | null;
  /** A trained head came with the folder; otherwise it is fresh and no baseline. */
  hasHead: boolean;
}

/**
 * Opens a base folder: an embedder's encoder (fresh head, mean pooling, which such encoders were trained with), a
 * BertForSequenceClassification with one label ([CLS] pooling), a reranker that Winnow wrote, or any cross-encoder's
 * ONNX export with a trained head (`onnx/model.onnx` or `model.onnx`).
 * Throws BadModel naming what is missing, UnsupportedGraph naming what of an export cannot be differentiated.
 */
export async function openBaseModel(baseDir: string, seed: number): Promise<BaseModel> {
  const folder = basename(resolve(baseDir));
  const raw = existsSync(join(baseDir, "config.json")) ? await readConfig(baseDir) : null;
  const file = modelFile(baseDir);
  const hasWeights = existsSync(join(baseDir, "model.safetensors"));
  if (existsSync(file) && !(hasWeights && raw?.model_type === "bert")) {
    return { name: folder, raw, ...(await fromOnnx(file, baseDir, raw)), hasHead: true };
  }
  const config = await readBertConfig(baseDir);
  const weights = await readBertWeights(baseDir);
  const hasHead = weights.has("classifier.weight");
  if (hasHead) requireHead(weights, config);
  else addFreshHead(weights, config.hidden, seed);
  const name = hasHead ? folder : `${folder} (encoder with a fresh head)`;
  return { name, raw, network: bertNetwork(config, hasHead ? "cls" : "mean"), weights, hasHead };
}

/** SHA-256 of all weights, by name. */
export function weightsDigest(weights: ReadonlyMap<string, HostTensor>): string {
  const hash = createHash("sha256");
  for (const [name, { data }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

async function fromOnnx(file: string, baseDir: string, raw: Record<string, unknown> | null) {
  const model = readModel(await readFile(file), file);
  const pooling = (raw?.winnow as { pooling?: Pooling } | undefined)?.pooling;
  if (model.producer === "winnow" && pooling) {
    const config = await readBertConfig(baseDir);
    return { network: bertNetwork(config, pooling), weights: winnowWeights(model, config) };
  }
  return { network: exportedNetwork(model, raw, file), weights: exportedWeights(model) };
}

/** Winnow's own model.onnx keeps every weight under its name, so it can be trained further. */
function winnowWeights(model: ModelProto, config: BertConfig): Map<string, HostTensor> {
  const weights = new Map<string, HostTensor>();
  for (const { name, dims, raw } of model.graph.initializers) {
    if (!/\.(weight|bias)$/.test(name)) continue;
    const data = new Float32Array(Uint8Array.prototype.slice.call(raw).buffer);
    weights.set(name, { dims, data });
  }
  requireHead(weights, config);
  return weights;
}

function requireHead(weights: Map<string, HostTensor>, { hidden }: BertConfig): void {
  const shapes = [[hidden, hidden], [hidden], [1, hidden], [1]];
  HEAD_WEIGHTS.forEach((name, i) => {
    requireTensor(weights, name, shapes[i]!);
  });
}

/** Uniform in +-1/sqrt(hidden), as PyTorch's linear layers start. */
function addFreshHead(weights: Map<string, HostTensor>, hidden: number, seed: number): void {
  const random = seededRandom(seed);
  const bound = 1 / Math.sqrt(hidden);
  const shapes = [[hidden, hidden], [hidden], [1, hidden], [1]];
  HEAD_WEIGHTS.forEach((name, i) => {
    const dims = shapes[i]!;
    const size = dims.reduce((product, dim) => product * dim, 1);
    weights.set(name, { dims, data: Float32Array.from({ length: size }, () => (random() * 2 - 1) * bound) });
  });
}
