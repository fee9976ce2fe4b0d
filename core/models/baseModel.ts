import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { seededRandom } from "../base/random.ts";
import { readModel } from "../onnx/read.ts";
import type { ModelProto } from "../onnx/schema.ts";
import { type BertConfig, readBertConfig, readConfig } from "./bertConfig.ts";
import { readBertWeights, requireTensor } from "./bertWeights.ts";
import { modelFile } from "./crossEncoder.ts";
import { CLASSIFIER_WEIGHTS, type Head } from "./crossEncoderGraph.ts";
import { exportedNetwork, exportedWeights } from "./exportedNetwork.ts";
import { RARITY } from "./matching.ts";
import { bertNetwork, type Network } from "./network.ts";
import type { HostTensor } from "./safetensors.ts";

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

const BERT_HEAD: Head = { pooling: "cls", matching: false, apart: 0 };
/** All layers but the last read question and passage as the embedder learned to read texts. */
const freshHead = ({ layers }: BertConfig): Head => ({ pooling: "mean", matching: true, apart: layers - 1 });

/**
 * Opens a base folder: an embedder's encoder (token matches and mean pooling, which such encoders were trained for, and
 * a classifier that starts from nothing), a BertForSequenceClassification with one label ([CLS] pooling), a reranker that Winnow wrote, or any cross-encoder's
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
  else addFreshHead(weights, config, seed);
  const name = hasHead ? folder : `${folder} (encoder with a fresh head)`;
  const network = bertNetwork(config, hasHead ? BERT_HEAD : freshHead(config), !hasHead);
  return { name, raw, network, weights, hasHead };
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
  const { pooling, matching = false, apart = 0 } = (raw?.winnow ?? {}) as Partial<Head>;
  if (model.producer === "winnow" && pooling) {
    const config = await readBertConfig(baseDir);
    return { network: bertNetwork(config, { pooling, matching, apart }, false), weights: winnowWeights(model, config) };
  }
  return { network: exportedNetwork(model, raw, file), weights: exportedWeights(model) };
}

/** Winnow's own model.onnx keeps every weight under its name, so it can be trained further. */
function winnowWeights(model: ModelProto, config: BertConfig): Map<string, HostTensor> {
  const weights = new Map<string, HostTensor>();
  for (const { name, dims, raw } of model.graph.initializers) {
    if (!/\.(weight|bias|scale)$/.test(name)) continue;
    const data = new Float32Array(Uint8Array.prototype.slice.call(raw).buffer);
    weights.set(name, { dims, data });
  }
  requireHead(weights, config);
  if (!weights.has(RARITY)) weights.set(RARITY, allAlike(config));
  return weights;
}

function requireHead(weights: Map<string, HostTensor>, { hidden }: BertConfig): void {
  const shapes = [[hidden, hidden], [hidden], [1, hidden], [1]];
  CLASSIFIER_WEIGHTS.forEach((name, i) => {
    requireTensor(weights, name, shapes[i]!);
  });
}

/**
 * The layer before the classifier starts uniform in +-1/sqrt(hidden), as PyTorch's linear layers do; the classifier
 * and the importance of tokens start at zero, so that the first ranking is that of the token matches alone; tokens are
 * all as rare until `tokenRarity` has seen the docs.
 */
function addFreshHead(weights: Map<string, HostTensor>, config: BertConfig, seed: number): void {
  const { hidden } = config;
  const random = seededRandom(seed);
  const bound = 1 / Math.sqrt(hidden);
  const fill = (name: string, dims: number[], value: () => number) => {
    const size = dims.reduce((product, dim) => product * dim, 1);
    weights.set(name, { dims, data: Float32Array.from({ length: size }, value) });
  };
  const uniform = () => (random() * 2 - 1) * bound;
  fill("pooler.dense.weight", [hidden, hidden], uniform);
  fill("pooler.dense.bias", [hidden], uniform);
  fill("classifier.weight", [1, hidden], () => 0);
  fill("classifier.bias", [1], () => 0);
  fill("matching.scale", [1, 1], () => 1);
  fill("matching.importance.weight", [1, hidden], () => 0);
  weights.set(RARITY, allAlike(config));
}

function allAlike({ vocabulary }: BertConfig): HostTensor {
  return { dims: [vocabulary, 1], data: new Float32Array(vocabulary) };
}
