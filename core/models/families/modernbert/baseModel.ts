import { join } from "node:path";
import { WinnowError } from "../../../base/errors.ts";
import type { BaseModel } from "../../baseModel.ts";
import { addFreshHead } from "../../freshHead.ts";
import { type HeadLayer, headTensors, isActivation } from "../../headLayers.ts";
import type { HostTensor } from "../../safetensors.ts";
import { requireTensor } from "../../weights.ts";
import type { Head } from "../crossEncoderGraph.ts";
import type { ModelFolder } from "../modelFolder.ts";
import { modularHead } from "../modularHead.ts";
import { descriptionOf } from "../reading.ts";
import { freshApart, writtenHead, writtenWeights } from "../writtenModel.ts";
import { type ModernBertConfig, modernBertConfig } from "./config.ts";
import { isEncoderWeight, modernBertNetwork } from "./network.ts";
import { readModernBertWeights } from "./weights.ts";

/** Whether a folder holds ModernBERT weights, or a reranker that Winnow wrote. Throws BadModel for a broken ONNX file. */
export async function isModernBertBase(folder: ModelFolder): Promise<boolean> {
  if (folder.config?.model_type !== "modernbert") return false;
  return folder.hasSafetensors || folder.onnxFile === null || (await writtenModernBert(folder)) !== null;
}

/**
 * Opens one of four kinds of base:
 * - a ModernBertForSequenceClassification with one label;
 * - a modular sentence-transformers reranker, whose head lies in modules of its own;
 * - an embedder's encoder, with token matches, mean pooling and a fresh classifier;
 * - a reranker that Winnow wrote.
 *
 * Throws BadModel naming what is missing.
 */
export async function openModernBertBase(folder: ModelFolder, seed: number): Promise<BaseModel> {
  const { config: raw, name } = folder;
  const config = await modernBertConfig(folder);
  const written = await writtenModernBert(folder);
  if (written) return { name, raw, hasHead: true, ...withHead(config, written, await writtenWeights(folder)) };
  const weights = await readModernBertWeights(folder.dir);
  const trained = await trainedHead(folder, config, weights);
  if (trained) return { name, raw, hasHead: true, ...withHead(config, trained, weights) };
  const head = freshHead(config, freshApart(folder, config.layers.length));
  addFreshHead(weights, config, seed);
  return {
    ...{ name: `${name} (encoder with a fresh head)`, raw, hasHead: false },
    ...withHead(config, head, weights, true),
  };
}

/** Only the weights that the network reads: checkpoints of language models have more. */
function withHead(
  config: ModernBertConfig,
  head: Head,
  weights: Map<string, HostTensor>,
  fresh = false,
): Pick<BaseModel, "network" | "weights"> {
  const own = headTensors(head.layers, config.hidden);
  for (const [name, dims] of own) requireTensor(weights, name, dims);
  const read = (name: string) =>
    isEncoderWeight(name) || own.has(name) || (head.matching && name.startsWith("matching."));
  return {
    network: modernBertNetwork(config, head, fresh),
    weights: new Map([...weights].filter(([name]) => read(name))),
  };
}

/** The head of a trained reranker, whose weights are added to `weights`; null for an encoder. */
async function trainedHead(
  folder: ModelFolder,
  config: ModernBertConfig,
  weights: Map<string, HostTensor>,
): Promise<Head | null> {
  const description = await descriptionOf(folder);
  if (description.kind !== "reranker") return null;
  const modular = await modularHead(description, config.hidden);
  for (const [name, tensor] of modular?.weights ?? []) weights.set(name, tensor);
  const layers = modular?.layers ?? classifierLayers(folder, config);
  return { pooling: description.pooling, layers, matching: false, apart: 0 };
}

/** The head of ModernBertForSequenceClassification. */
function classifierLayers(
  { dir }: ModelFolder,
  { hidden, biases, epsilon, classifierActivation: activation }: ModernBertConfig,
): HeadLayer[] {
  if (!isActivation(activation)) {
    const file = join(dir, "config.json");
    throw new WinnowError("BadModel", `${file}: classifier_activation ${JSON.stringify(activation)} is not supported`);
  }
  return [
    { kind: "dense", name: "head.dense", outputs: hidden, bias: biases.classifier, activation },
    { kind: "norm", name: "head.norm", bias: biases.norm, epsilon },
    { kind: "dense", name: "classifier", outputs: 1, bias: true, activation: "identity" },
  ];
}

/** The head of a ModernBERT that Winnow wrote; null for other models. */
async function writtenModernBert(folder: ModelFolder): Promise<Head | null> {
  const head = await writtenHead(folder);
  return head?.layers ? { ...head, layers: head.layers } : null;
}

/** The lower layers read question and passage as separate texts, as the embedder was trained to. */
function freshHead({ hidden }: ModernBertConfig, apart: number): Head {
  return {
    pooling: "mean",
    layers: [
      { kind: "dense", name: "pooler.dense", outputs: hidden, bias: true, activation: "tanh" },
      { kind: "dense", name: "classifier", outputs: 1, bias: true, activation: "identity" },
    ],
    matching: true,
    apart,
  };
}
