import { join } from "node:path";
import { WinnowError } from "../../base/errors.ts";
import { type HeadLayer, headTensors, isActivation } from "../headLayers.ts";
import type { ModelDescription, Module } from "../reading/description.ts";
import { type HostTensor, readSafetensors } from "../safetensors.ts";
import { requireTensor } from "../weights.ts";

/** The head of a modular sentence-transformers reranker. */
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
  const pooling = modules.findIndex(({ type }) => type === "Pooling");
  const rest = modules.slice(pooling + 1);
  if (kind !== "reranker" || pooling < 0 || rest.length === 0) return null;
  const layers = rest.map((module) => layerOf(dir, module));
  const weights = new Map<string, HostTensor>();
  for (const { path } of rest) {
    const tensors = await readSafetensors(join(dir, path, "model.safetensors"));
    for (const [name, tensor] of tensors) weights.set(`${path}.${name}`, tensor);
  }
  for (const [name, dims] of headTensors(layers, hidden)) requireTensor(weights, name, dims);
  return { layers, weights };
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
