import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { messageOf, WinnowError } from "../../base/errors.ts";
import { readModel } from "../../onnx/read.ts";
import type { ModelProto } from "../../onnx/schema.ts";
import { modelFile } from "../onnxFiles.ts";

type Config = Record<string, unknown>;

/** Facts about a model folder, without its weights, from which families decide whether they match. */
export interface ModelFolder {
  dir: string;
  name: string;
  /** `config.json`; null if the folder has none. */
  config: Config | null;
  /** Path of its ONNX model; null if the folder has none. */
  onnxFile: string | null;
  /** True if it has `model.safetensors`. */
  hasSafetensors: boolean;
  /** True if it has `modules.json` of sentence-transformers. */
  hasModules: boolean;
}

/** Throws BadModel if `config.json` exists but cannot be read. */
export async function lookAt(dir: string, name = basename(resolve(dir))): Promise<ModelFolder> {
  const [configFile, onnxFile] = [join(dir, "config.json"), modelFile(dir)];
  return {
    dir,
    name,
    config: existsSync(configFile) ? await readConfig(configFile) : null,
    onnxFile: existsSync(onnxFile) ? onnxFile : null,
    hasSafetensors: existsSync(join(dir, "model.safetensors")),
    hasModules: existsSync(join(dir, "modules.json")),
  };
}

/** The folder's `config.json`. Throws BadModel if there is none. */
export async function requireConfig({ dir, config }: ModelFolder): Promise<Config> {
  return config ?? readConfig(join(dir, "config.json"));
}

const models = new WeakMap<ModelFolder, Promise<ModelProto>>();

/** The folder's ONNX model, parsed once even if several families inspect it. Throws BadModel. */
export function onnxModel(folder: ModelFolder): Promise<ModelProto> {
  const model = models.get(folder) ?? readOnnx(folder.onnxFile ?? modelFile(folder.dir));
  models.set(folder, model);
  return model;
}

async function readOnnx(file: string): Promise<ModelProto> {
  return readModel(await readFile(file), file);
}

async function readConfig(file: string): Promise<Config> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw new WinnowError("BadModel", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
