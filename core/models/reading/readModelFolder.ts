import { join } from "node:path";
import { tensorShapes } from "../safetensors.ts";
import type { Pooling } from "../tokenLayout.ts";
import type { Found, ModelDescription, ModelFacts, Module } from "./description.ts";
import { activationOf, ignoredPrompts, lengthOf, licenceOf, PROMPTS_FILE, positionsOf, promptsOf } from "./facts.ts";
import { badFile, isObject, type Json, smallObject } from "./files.ts";
import { poolingOf, readModules } from "./modules.ts";
import { type ModelOptions, readOptions } from "./options.ts";
import { type Preset, presetFor } from "./presets.ts";
import { refuseCode, refuseLabels, refuseMissingParts, refuseWeights } from "./refusals.ts";

/** Of a folder that states no length: what all-MiniLM-L6-v2, whose folder of set-up states none, was trained with. */
const DEFAULT_TOKENS = 256;
/** Bounds texts of models without positions, such as look-up tables. */
const MOST_TOKENS = 8192;

interface Parts {
  dir: string;
  config: Json | null;
  /** `config_sentence_transformers.json`. */
  settings: Json | null;
  modules: readonly Module[];
  options: ModelOptions;
  preset: Preset | null;
}

/**
 * Reads the facts about a model from its folder: the files of transformers and sentence-transformers in their old and
 * new spelling, then the operator's options and the presets. Gives the same on every machine: the folder's name and
 * place do not count. Of the weights, only the header of a look-up table is read.
 *
 * Throws BadModel naming the file and the remedy: for code or pickles that come with the model, tensors outside the ONNX
 * file, weights in several files, a classifier of several labels, a missing head, a pooling or module that is not
 * supported, and files that do not parse.
 */
export async function readModelFolder(dir: string): Promise<ModelDescription> {
  const [config, settings] = [await smallObject(dir, "config.json"), await smallObject(dir, PROMPTS_FILE)];
  refuseCode(dir, "config.json", config);
  refuseCode(dir, "tokenizer_config.json", await smallObject(dir, "tokenizer_config.json"));
  const [modules, options] = [await readModules(dir), await readOptions(dir)];
  const preset = presetFor([options.name, config?._name_or_path]);
  const parts: Parts = { dir, config, settings, modules, options, preset };
  const kind = kindOf(parts);
  await refuseWeights(bodyOf(parts));
  await refuseMissingParts(dir, modules);
  const found = {
    pooling: poolingIn(parts),
    prefixes: prefixesIn(parts),
    maxTokens: await lengthIn(parts),
    dimensions: (await tableWidth(parts)) ?? dimensionsIn(parts),
    similarity: similarityIn(parts),
    activation: kind === "reranker" ? activationOf(dir, config, settings) : byDefault(null),
    licence: (await licenceOf(dir)) ?? ofPreset(preset?.licence) ?? byDefault(null),
  };
  const ignored = found.prefixes.from === "default" ? ignoredPrompts(dir, settings) : [];
  const facts = { ...stated(found), ignoredPrompts: ignored };
  return { dir, kind, modelType: typeIn(parts), modules, preset: preset?.name ?? null, ...facts };
}

type FoundFacts = { [fact in keyof ModelFacts]: Found<ModelFacts[fact]> };

function stated(found: FoundFacts): ModelFacts & Pick<ModelDescription, "from" | "files"> {
  const rows = Object.entries(found);
  const column = (of: (row: Found<unknown>) => unknown) =>
    Object.fromEntries(rows.map(([fact, row]) => [fact, of(row)]).filter(([, value]) => value !== undefined));
  return {
    ...(column(({ value }) => value) as unknown as ModelFacts),
    from: column(({ from }) => from) as ModelDescription["from"],
    files: column(({ file }) => file) as ModelDescription["files"],
  };
}

/** An encoder whose head is missing would serve the order that it is given, so what should rank must be able to. */
function kindOf({ dir, config, settings, modules, options, preset }: Parts): ModelDescription["kind"] {
  const classifies = architectureOf(config).endsWith("ForSequenceClassification");
  if (classifies) refuseLabels(dir, config!);
  if (options.kind !== undefined) return options.kind;
  const last = modules.findLast(({ type }) => type !== "Normalize");
  const modular = modules.length > 1 && last?.type === "Dense" && last.config.out_features === 1;
  if (classifies || modular) return "reranker";
  if (settings?.model_type === "CrossEncoder" || preset?.kind === "reranker") {
    const file = modules.length > 0 ? "modules.json" : "config.json";
    throw badFile(
      dir,
      file,
      "the reranker's head is missing, and its encoder alone cannot rank; fetch the whole folder",
    );
  }
  return "embedder";
}

function architectureOf(config: Json | null): string {
  return Array.isArray(config?.architectures) ? String(config.architectures[0]) : "";
}

function typeIn({ config, modules }: Parts): string | null {
  if (modules[0]?.type === "StaticEmbedding") return "static";
  return typeof config?.model_type === "string" ? config.model_type : null;
}

/** Folder of the first module, which holds the weights and the tokenizer. */
function bodyOf({ dir, modules }: Parts): string {
  const [first] = modules;
  if (!first?.path) return dir;
  if (first.type === "StaticEmbedding") return `${dir}/${first.path}`;
  const advice = "save the model again with sentence-transformers 2 or later";
  throw badFile(dir, "modules.json", `its ${first.type} lies in ${first.path}, an old layout; ${advice}`);
}

function poolingIn({ dir, config, modules, options, preset }: Parts): Found<Pooling> {
  if (options.pooling) return { value: options.pooling, from: "option" };
  const module = modules.find(({ type }) => type === "Pooling");
  if (module) return poolingOf(dir, module);
  if (modules[0]?.type === "StaticEmbedding") return { value: "mean", from: "file", file: "modules.json" };
  const own = isObject(config?.winnow) ? config.winnow.pooling : config?.classifier_pooling;
  if (own === "cls" || own === "mean") return { value: own, from: "file", file: "config.json" };
  const usual = architectureOf(config).endsWith("ForSequenceClassification") ? "cls" : "mean";
  return ofPreset(preset?.pooling) ?? byDefault<Pooling>(usual);
}

function prefixesIn({ dir, settings, modules, options, preset }: Parts): Found<ModelFacts["prefixes"]> {
  const stated = promptsOf(dir, settings) ?? ofPreset(preset?.prefixes) ?? byDefault({ question: "", passage: "" });
  const found: typeof stated = options.prefixes
    ? { value: { ...stated.value, ...options.prefixes }, from: "option" }
    : stated;
  const module = modules.find(({ type }) => type === "Pooling");
  if (module?.config.include_prompt === false && (found.value.question || found.value.passage)) {
    const problem = "include_prompt false leaves the prefix out of the pooling, which is not supported";
    throw badFile(dir, `${module.path}/config.json`, `${problem}; use another model`);
  }
  return found;
}

async function lengthIn({ dir, config, modules, options, preset }: Parts): Promise<Found<number>> {
  const positions = positionsOf(config);
  const most = positions ?? MOST_TOKENS;
  const within = (found: Found<number>) => ({ ...found, value: Math.min(found.value, most) });
  if (options.maxTokens !== undefined) return within({ value: options.maxTokens, from: "option" });
  const found = (await lengthOf(dir, modules)) ?? ofPreset(preset?.maxTokens);
  if (found) return within(found);
  const bounded = modules.length > 0 || architectureOf(config).endsWith("ForSequenceClassification");
  if (positions !== null && bounded) return { value: positions, from: "file", file: "config.json" };
  return within(byDefault(bounded ? MOST_TOKENS : DEFAULT_TOKENS));
}

/** A look-up table's width is in no config. */
async function tableWidth({ dir, modules }: Parts): Promise<Found<number> | null> {
  const [first] = modules;
  if (first?.type !== "StaticEmbedding") return null;
  const file = first.path ? `${first.path}/model.safetensors` : "model.safetensors";
  const shapes = [...(await tensorShapes(join(dir, file))).values()];
  const width = shapes.find(({ length }) => length === 2)?.[1];
  return width === undefined ? null : { value: width, from: "file", file };
}

function dimensionsIn({ config, modules }: Parts): Found<number | null> {
  const dense = modules.findLast(({ type }) => type === "Dense");
  if (dense && typeof dense.config.out_features === "number" && dense.config.out_features > 1) {
    return { value: dense.config.out_features, from: "file", file: `${dense.path}/config.json` };
  }
  const width = config?.hidden_size ?? config?.dim;
  return typeof width === "number" ? { value: width, from: "file", file: "config.json" } : byDefault(null);
}

function similarityIn({ settings }: Parts): Found<string> {
  const name = settings?.similarity_fn_name;
  return typeof name === "string" ? { value: name, from: "file", file: PROMPTS_FILE } : byDefault("cosine");
}

function byDefault<T>(value: T): Found<T> {
  return { value, from: "default" };
}

function ofPreset<T>(value: T | undefined): Found<T> | null {
  return value === undefined ? null : { value, from: "preset" };
}
