import { basename, dirname, resolve } from "node:path";
import { computeOptions, configuredHub } from "../config/cliConfig.ts";
import { MODEL_NAME, MODEL_NAME_IN_WORDS } from "../contracts/modelNames.ts";
import { AUTO, type InstalledModel, type ListedModel } from "../contracts/models.ts";
import { WinnowError } from "../core/base/errors.ts";
import { lookAt, Unreadable } from "../core/base/given/files.ts";
import type { TaskContext, TaskProgress } from "../core/base/progress.ts";
import { HUB_PATIENCE, type HubCall, type HubPatience } from "../core/models/hub/hub.ts";
import { describeRepository, parseRepository } from "../core/models/hub/repository.ts";
import { notInstalled, openInstalledModels } from "../core/models/installed.ts";
import { unpackModel } from "../core/models/installing/fromArchive.ts";
import { folderFiles } from "../core/models/installing/fromFolder.ts";
import { withHubFiles } from "../core/models/installing/fromHub.ts";
import { type GivenModel, installModel, type ReadModel } from "../core/models/installing/install.ts";
import { type ModelOptions, requireOptions } from "../core/models/reading/options.ts";
import { readModelFolder } from "../core/models/reading/readModelFolder.ts";
import { runTask } from "../core/stages/tasks.ts";
import { usersOf } from "./modelUsers.ts";
import type { Computing, Places, StackSettings } from "./settings.ts";
import { storageOf } from "./storageOf.ts";

/** What the files of a model may lack, and how it is called here. */
export interface AddOptions extends Omit<ModelOptions, "name"> {
  /** Default: the name on the hub, or of the folder or archive. */
  name?: string;
  /** Stops the download, which the same command continues later. */
  signal?: AbortSignal;
  onProgress?: (progress: TaskProgress) => void;
  /** For tests: how long the hub is waited for. */
  patience?: HubPatience;
}

/**
 * Installs a model from a folder or `.tar.gz` of this machine, or from the hub by `ORG/NAME` or `ORG/NAME@REVISION`. A
 * path that exists is taken before a name. Throws BadInput, BadModel, UnsupportedGraph, HubRefused, HubUnavailable,
 * Busy, StorageFailed, Cancelled.
 *
 * @example
 * const { name, artifact } = await addModel(config, "BAAI/bge-small-en-v1.5");
 */
export async function addModel(
  config: Places & Computing,
  source: string,
  { name, signal = new AbortController().signal, onProgress = () => {}, patience, ...options }: AddOptions = {},
): Promise<ReadModel> {
  if (name !== undefined) checkedName(name);
  requireOptions(options);
  const storage = await storageOf(config);
  const ctx: TaskContext = { signal, progress: onProgress };
  const tryModel = (modelDir: string) => {
    onProgress({ step: 0, of: 1, note: "opening the model" });
    return runTask("tryModel", { modelDir }, { ...computeOptions(config), signal });
  };
  const install = (given: Pick<GivenModel, "name" | "source" | "files">) =>
    installModel(storage, { ...given, options }, { ...ctx, tryModel });
  const path = resolve(source);
  const found = await given(path);
  if (found?.kind === "folder")
    return install({ name: name ?? nameOf(path), source: { from: "folder" }, files: await folderFiles(found.real) });
  if (found) return fromArchive(path);
  if (/^[./~]|\.(tar\.gz|tgz|zip)$/i.test(source))
    throw new WinnowError("BadInput", `there is no folder or archive at ${path}, and ${source} is no name of the hub`);
  const call: HubCall = { ...configuredHub(config), patience: patience ?? HUB_PATIENCE, signal };
  const repository = await describeRepository(call, parseRepository(source));
  const from = { from: "hub" as const, repository: repository.name, revision: repository.commit };
  return withHubFiles(call, repository, config.home, ctx, (files) =>
    install({ name: name ?? repository.name, source: from, files }),
  );

  async function fromArchive(archive: string): Promise<ReadModel> {
    const called = name ?? nameOf(archive.replace(/\.(tar\.gz|tgz)$/i, ""));
    const unpacked = await storage.store.draft("model");
    try {
      const files = await folderFiles(await unpackModel(archive, unpacked));
      return await install({ name: called, source: { from: "archive" }, files });
    } finally {
      await storage.store.discard(unpacked);
    }
  }
}

/** Installed models, sorted by name. */
export async function listModels(places: Places): Promise<ListedModel[]> {
  const models = await openInstalledModels((await storageOf(places)).records).list();
  return models.map(({ name, kind, family, dimensions, maxTokens, licence, artifact }) => ({
    ...{ name, digest: artifact.sha256, kind, family, dimensions, maxTokens, licence },
  }));
}

/**
 * One model by its name, or the last part of it, after every byte of it was checked. Throws BadInput if it is not
 * installed, CorruptArtifact.
 */
export async function showModel(places: Places, name: string): Promise<ReadModel> {
  const { store, records } = await storageOf(places);
  const model = await openInstalledModels(records).find(name);
  if (model === null) throw notInstalled(name);
  const { from, files, preset, ignoredPrompts } = await readModelFolder(await store.resolve(model.artifact));
  return { ...model, read: { from, files, preset, ignoredPrompts } };
}

/**
 * Forgets a model; `winnow gc` removes its files once nothing needs them. Throws BadInput if it is not installed, or
 * naming the releases, schedules and runs that need it.
 */
export async function removeModel(config: Places & StackSettings, name: string): Promise<InstalledModel> {
  const { records, releases } = await storageOf(config);
  const models = openInstalledModels(records);
  const model = await models.find(name);
  if (model === null) throw notInstalled(name);
  const users = await usersOf(model, { config, releases });
  if (users.length > 0)
    throw new WinnowError(
      "BadInput",
      `${model.name} is not removed: ${users.slice(0, 5).join(", ")} ${users.length === 1 ? "needs" : "need"} it`,
    );
  await models.remove(model.name);
  return model;
}

async function given(path: string) {
  try {
    return await lookAt(path);
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause;
    throw new WinnowError("BadInput", `${path} ${cause.message}`, { cause });
  }
}

/** The name of a folder. That of a snapshot in a hub's cache is a commit, so its repository's is taken. */
function nameOf(path: string): string {
  const cached = /^models--(.+)$/.exec(basename(dirname(dirname(path))));
  return checkedName(cached ? cached[1]!.replace("--", "/") : basename(path));
}

function checkedName(name: string): string {
  // The word stands for the default in options and in workflow input.
  if (MODEL_NAME.test(name) && name !== AUTO) return name;
  throw new WinnowError(
    "BadInput",
    `${JSON.stringify(name)} cannot be a model's name: give --name with ${MODEL_NAME_IN_WORDS}`,
  );
}
