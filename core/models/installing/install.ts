import type { InstalledModel, ModelSource } from "../../../contracts/models.ts";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";
import type { Storage } from "../../storage/openStorage.ts";
import { asStorageError } from "../../storage/storage.ts";
import { openInstalledModels } from "../installed.ts";
import type { ModelDescription } from "../reading/description.ts";
import { type ModelOptions, writeOptions } from "../reading/options.ts";
import { presetFor } from "../reading/presets.ts";
import { readModelFolder } from "../reading/readModelFolder.ts";
import { type ModelFiles, takeFiles } from "./modelFiles.ts";
import type { TriedModel } from "./tryModel.ts";

/** A model to install. */
export interface GivenModel {
  name: string;
  source: ModelSource;
  files: ModelFiles;
  /** What its files may lack. */
  options: Omit<ModelOptions, "name">;
}

/** An installed model, and where each fact about it was read. */
export interface ReadModel extends InstalledModel {
  read: Pick<ModelDescription, "from" | "files" | "preset" | "ignoredPrompts">;
}

export interface InstallWork extends TaskContext {
  /** Opens the model in a folder and uses it once, in a process that may crash. */
  tryModel(modelDir: string): Promise<TriedModel>;
}

/**
 * Installs a model: takes the files that Winnow reads, stores them as an artifact with the options in a file of their
 * own, and records it under its name, in place of an earlier one. Nothing is installed unless the model was opened and
 * used once. Throws BadModel, UnsupportedGraph, StorageFailed, and what the files' source throws.
 */
export async function installModel(
  { store, records }: Pick<Storage, "store" | "records">,
  { name, source, files, options }: GivenModel,
  { tryModel, ...ctx }: InstallWork,
): Promise<ReadModel> {
  const draft = await store.draft("model");
  try {
    await takeFiles(files, draft, ctx);
    await writeOptions(draft, { ...presetName(source, name), ...options });
    const {
      kind,
      pooling,
      prefixes,
      licence,
      from,
      files: read,
      preset,
      ignoredPrompts,
    } = await readModelFolder(draft);
    const { family, dimensions, maxTokens, parameters } = await tryModel(draft);
    const artifact = await store.commit(draft, "model");
    const model: InstalledModel = {
      ...{ name, kind, family, dimensions, maxTokens },
      pooling: kind === "embedder" ? pooling : null,
      prefixes: kind === "embedder" ? prefixes : null,
      ...{ licence, bytes: artifact.bytes, parameters, source, artifact },
      installedAt: new Date().toISOString(),
    };
    await openInstalledModels(records).put(model);
    return { ...model, read: { from, files: read, preset, ignoredPrompts } };
  } catch (error) {
    await store.discard(draft);
    throw inWords(asStorageError(error), draft, name);
  }
}

/**
 * The name of a known model, by which its preset is found: its repository's, else the one given here. Other names stay
 * out of the folder, so that the same files and options are one artifact under every name.
 */
function presetName(source: ModelSource, name: string): Pick<ModelOptions, "name"> {
  const preset = presetFor([source.from === "hub" ? source.repository : undefined, name]);
  return preset === null ? {} : { name: preset.name };
}

/** The error without the path of the draft, which is removed. */
function inWords(error: unknown, draft: string, name: string): unknown {
  if (!(error instanceof WinnowError) || (error.code !== "BadModel" && error.code !== "UnsupportedGraph")) return error;
  const text = error.message.replaceAll(`${draft}/`, "").replaceAll(`${draft}: `, "").replaceAll(draft, name);
  return new WinnowError(error.code, `${name} is not installed: ${text}`, { cause: error });
}
