import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { WinnowError } from "../../base/errors.ts";
import type { Module } from "./description.ts";
import { badFile, type Json } from "./files.ts";

const PICKLE = /\.(bin|pt|pth|ckpt|pkl|pickle)$/i;
/** Weights of a model, or of a look-up table that is its first module. */
const TENSORS = /^(0_[A-Za-z]+\/)?model\.safetensors$/;
const MAX_NAMES = 3;

/** Throws BadModel if the model would need code that comes with it. */
export function refuseCode(dir: string, name: string, config: Json | null): void {
  if (config === null || !("auto_map" in config)) return;
  throw badFile(dir, name, "auto_map names code that comes with the model, which Winnow never runs; use another model");
}

/**
 * Throws BadModel if the folder has no weights that Winnow reads, naming those it does not: pickles, which can run code,
 * tensors outside the ONNX file, safetensors in several files.
 */
export async function refuseWeights(dir: string): Promise<void> {
  const exports = (await namesIn(join(dir, "onnx"))).map((name) => `onnx/${name}`);
  const problem = weightsProblem([...(await namesIn(dir)), ...exports]);
  if (problem !== null) throw new WinnowError("BadModel", `${dir}: ${problem}`);
}

/** The same for the paths of a model's files, wherever they lie: the problem with its remedy, or null. */
export function weightsProblem(paths: readonly string[]): string | null {
  if (paths.some((path) => TENSORS.test(path))) return null;
  const own = paths.filter((path) => !path.includes("/"));
  // The export that is read. Others beside it may have data files of their own.
  const exported = ["onnx/model.onnx", "model.onnx"].find((path) => paths.includes(path));
  const data = paths.filter((path) => path === `${exported}_data` || path === `${exported}.data`);
  if (exported !== undefined && data.length === 0) return null;
  const advice = "use a revision with model.safetensors, or save the model again with save_pretrained";
  const problem = (what: string) => `${what}; ${advice}`;
  if (exported !== undefined)
    return problem(`${few(data)} holds tensors outside the ONNX file, which Winnow does not read`);
  if (own.includes("model.safetensors.index.json"))
    return problem("model.safetensors.index.json spreads the weights over several files, which Winnow does not read");
  const pickles = own.filter((name) => PICKLE.test(name) && !name.startsWith("training_args"));
  if (pickles.length > 0) return problem(`${few(pickles)} is a pickle, which can run code, so Winnow does not read it`);
  return problem("it has neither model.safetensors nor onnx/model.onnx");
}

/** Throws BadModel unless the classifier has one label. Zero: the file does not state their number. */
export function refuseLabels(dir: string, config: Json): void {
  const stated = config.num_labels ?? Object.keys(config.id2label ?? {}).length;
  if (stated === 0 || stated === 1) return;
  const problem = `a classifier with ${JSON.stringify(stated)} labels cannot rank; use a model with one label`;
  throw badFile(dir, "config.json", problem);
}

/**
 * Throws BadModel if a module's weights are missing. Without its head, a reranker would keep the order it is given.
 */
export async function refuseMissingParts(dir: string, modules: readonly Module[]): Promise<void> {
  for (const { type, path } of modules) {
    if (type !== "Dense" && type !== "LayerNorm") continue;
    const names = await namesIn(join(dir, path));
    for (const needed of ["config.json", "model.safetensors"]) {
      if (names.includes(needed)) continue;
      const also = names.some((name) => PICKLE.test(name))
        ? " (the pickle beside it can run code, and is not read)"
        : "";
      throw badFile(dir, `${path}/${needed}`, `the ${type} of modules.json is missing${also}; fetch the whole folder`);
    }
  }
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch {
    return [];
  }
}

function few(names: readonly string[]): string {
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : "";
  return names.slice(0, MAX_NAMES).join(", ") + more;
}
