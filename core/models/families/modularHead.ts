import { join } from "node:path";
import { WinnowError } from "../../base/errors.ts";
import { type HeadLayer, headTensors, isActivation } from "../headLayers.ts";
import type { ModelDescription, Module } from "../reading/description.ts";
import { type HostTensor, readSafetensors } from "../safetensors.ts";
import { requireTensor } from "../weights.ts";

/** The layers of a modular sentence-transformers model between its pooling and its result. */
export interface ModularHead {
  layers: HeadLayer[];
  /** By the names of the layers: a module's path and the tensor's name. */
  weights: Map<string, HostTensor>;
}

/** The epsilon of torch.nn.LayerNorm, which the module does not store. */
const EPSILON = 1e-5;
const TANH = "torch.nn.modules.activation.Tanh";

/**
 * The modules of a sentence-transformers reranker after its pooling: Dense and LayerNorm with their own safetensors
 * (Dense, LayerNorm, Dense in the ettin rerankers). Null if the folder has none, so that its head, if any, lies beside
 * the encoder. Throws BadModel naming the module that does not fit.
 *
 * @param hidden width of the pooled states.
 */
export async function modularHead(
  { dir, kind, modules }: Pick<ModelDescription, "dir" | "kind" | "modules">,
  hidden: number,
): Promise<ModularHead | null> {
  const rest = afterPooling(modules);
  return kind === "reranker" && rest.length > 0 ? readHead({ dir, modules }, hidden) : null;
}

/**
 * The layers after an embedder's pooling, of which most embedders have none, with their weights. Throws BadModel naming
 * the module that does not fit.
 *
 * @param hidden width of the pooled states.
 */
export async function readHead(
  { dir, modules }: Pick<ModelDescription, "dir" | "modules">,
  hidden: number,
): Promise<ModularHead> {
  const rest = afterPooling(modules);
  const layers = rest.map((module) => layerOf(dir, module));
  const weights = new Map<string, HostTensor>();
  for (const { path } of rest) {
    const tensors = await readSafetensors(join(dir, path, "model.safetensors"));
    for (const [name, tensor] of tensors) weights.set(`${path}.${name}`, tensor);
  }
  for (const [name, dims] of headTensors(layers, hidden)) requireTensor(weights, name, dims);
  return { layers, weights };
}

/** The files that affect the result of the layers after pooling. */
export function headFiles({ modules }: Pick<ModelDescription, "modules">): string[] {
  return afterPooling(modules).flatMap(({ path }) => [`${path}/config.json`, `${path}/model.safetensors`]);
}

/** Vectors are always normalised, so a module that does it last is left out. */
function afterPooling(modules: readonly Module[]): Module[] {
  const pooling = modules.findIndex(({ type }) => type === "Pooling");
  const rest = pooling < 0 ? [] : modules.slice(pooling + 1);
  return rest.at(-1)?.type === "Normalize" ? rest.slice(0, -1) : rest;
}

function layerOf(dir: string, { type, path, config }: Module): HeadLayer {
  const refuse = (problem: string) => new WinnowError("BadModel", `${join(dir, path, "config.json")}: ${problem}`);
  if (type === "LayerNorm") return { kind: "norm", name: `${path}.norm`, bias: true, epsilon: EPSILON };
  if (type !== "Dense") throw refuse(`a head may have Dense and LayerNorm, got ${type}`);
  const { out_features: outputs, bias, use_residual: residual, activation_function: stated = TANH } = config;
  // torch.nn.modules.activation.GELU is gelu.
  const activation = String(stated).split(".").at(-1)!.toLowerCase();
  if (!isActivation(activation)) throw refuse(`activation_function ${stated} is not supported`);
  if (residual === true) throw refuse("use_residual is not supported");
  if (!Number.isInteger(outputs) || Number(outputs) < 1) throw refuse("out_features must be a positive whole number");
  return { kind: "dense", name: `${path}.linear`, outputs: Number(outputs), bias: bias !== false, activation };
}
