import { join } from "node:path";
import { WinnowError } from "../../../base/errors.ts";
import type { BaseModel } from "../../baseModel.ts";
import { addFreshHead, allAlike } from "../../freshHead.ts";
import { headTensors } from "../../headLayers.ts";
import { RARITY } from "../../matching.ts";
import type { HostTensor } from "../../safetensors.ts";
import { readDivision } from "../../separator.ts";
import { requireTensor } from "../../weights.ts";
import type { ModelFolder } from "../modelFolder.ts";
import { modularHead } from "../modularHead.ts";
import { descriptionOf } from "../reading.ts";
import { freshApart, type StatedHead, writtenHead, writtenWeights } from "../writtenModel.ts";
import { type Architecture, isOf } from "./architectures.ts";
import { type BertConfig, bertConfig } from "./config.ts";
import { bertNetwork, layersOf } from "./network.ts";
import { readBertWeights } from "./weights.ts";

const CLASSIFIER: StatedHead = { pooling: "cls", matching: false, apart: 0 };
/** The lower layers read question and passage as separate texts, as the embedder was trained to. */
const freshHead = (apart: number): StatedHead => ({ pooling: "mean", matching: true, apart });

/**
 * Whether a folder holds weights of the architecture, or a reranker that Winnow wrote. Throws BadModel for a broken ONNX
 * file.
 */
export async function isBertBase(of: Architecture, folder: ModelFolder): Promise<boolean> {
  if (!isOf(of, folder.config)) return false;
  return folder.hasSafetensors || folder.onnxFile === null || (await writtenHead(folder)) !== null;
}

/**
 * Opens one of four kinds of base:
 * - an embedder's encoder, with token matches, mean pooling as in its training, and a fresh classifier;
 * - a sequence classifier with one label, such as BertForSequenceClassification;
 * - a modular sentence-transformers reranker, whose head lies in modules of its own;
 * - a reranker that Winnow wrote.
 *
 * Throws BadModel naming what is missing.
 */
export async function openBertBase(folder: ModelFolder, seed: number): Promise<BaseModel> {
  const { config: raw, name } = folder;
  const { config, separator } = await dividedConfig(folder);
  const written = await writtenHead(folder);
  const weights = written ? await writtenBert(folder, config, written) : await readBertWeights(folder.dir, config);
  const trained = written ?? (await trainedHead(folder, config, weights));
  const head = trained ?? freshHead(freshApart(folder, config.layers));
  if (trained) requireHead(weights, config, trained);
  else addFreshHead(weights, config, seed);
  const network = bertNetwork(config, head, { freshHead: !trained, separator });
  const hasHead = trained !== null;
  return { name: hasHead ? name : `${name} (encoder with a fresh head)`, raw, network, weights, hasHead };
}

/** Without segments in the architecture or the tokenizer, the separator divides pairs, and all tokens are in segment 0. */
async function dividedConfig(folder: ModelFolder): Promise<{ config: BertConfig; separator: number | null }> {
  const config = await bertConfig(folder);
  const { separator, hasSegments } = await readDivision(folder.dir);
  if (hasSegments && !config.of.oneSegment) return { config, separator: null };
  return { config: { ...config, segments: Math.min(1, config.segments) }, separator };
}

/** The head of a trained reranker, whose modules' weights are added to `weights`; null for an encoder. */
async function trainedHead(
  folder: ModelFolder,
  config: BertConfig,
  weights: Map<string, HostTensor>,
): Promise<StatedHead | null> {
  const description = await descriptionOf(folder);
  const modular = await modularHead(description, config.hidden);
  if (!modular) return hasClassifier(weights, folder) ? CLASSIFIER : null;
  // The encoder's own pooler is not read then.
  for (const name of [...weights.keys()]) if (name.startsWith("pooler.")) weights.delete(name);
  for (const [name, tensor] of modular.weights) weights.set(name, tensor);
  return { pooling: description.pooling, layers: modular.layers, matching: false, apart: 0 };
}

/** Throws BadModel for a classifier with several labels, and for one that the config announces and the weights lack. */
function hasClassifier(weights: Map<string, HostTensor>, { dir, config }: ModelFolder): boolean {
  const [architecture] = [config?.architectures ?? []].flat();
  const labels = weights.get("classifier.weight")?.dims[0];
  const refuse = (why: string) => new WinnowError("BadModel", `${join(dir, "model.safetensors")}: ${why}`);
  if (labels === undefined && /ForSequenceClassification$/.test(String(architecture))) {
    throw refuse(`config.json announces a ${architecture}, but the weights have no classifier`);
  }
  if (labels !== undefined && labels !== 1) {
    throw refuse(`its classifier has ${labels} labels; a reranker has one`);
  }
  return labels === 1;
}

/** The weights of a reranker that Winnow wrote. Older ones lack the rarity of tokens. */
async function writtenBert(
  folder: ModelFolder,
  config: BertConfig,
  { matching }: StatedHead,
): Promise<Map<string, HostTensor>> {
  const weights = await writtenWeights(folder);
  if (matching && !weights.has(RARITY)) weights.set(RARITY, allAlike(config));
  return weights;
}

function requireHead(weights: Map<string, HostTensor>, config: BertConfig, head: StatedHead): void {
  for (const [name, dims] of headTensors(layersOf(head, config), config.hidden)) requireTensor(weights, name, dims);
}
