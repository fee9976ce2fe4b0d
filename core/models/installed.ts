import { MODEL_NAME, MODEL_NAME_IN_WORDS } from "../../contracts/modelNames.ts";
import { type InstalledModel, installedModelSchema } from "../../contracts/models.ts";
import { WinnowError } from "../base/errors.ts";
import { formatProblem, NewerFormat } from "../base/storedFormat.ts";
import type { Records } from "../storage/records.ts";

/** Folder of records: one per installed model. */
export const INSTALLED = "models";
const ENDING = ".json";

/** The models that an operator installed, in the records of a home folder or of a bucket shared by machines. */
export interface InstalledModels {
  /** All, sorted by name. Throws CorruptArtifact naming a damaged record. */
  list(): Promise<InstalledModel[]>;
  /**
   * The model of this name, or the only one whose name ends in `/` and this name; null if there is none. Throws BadInput
   * for a text that is no name or names several, CorruptArtifact for a damaged record.
   */
  find(name: string): Promise<InstalledModel | null>;
  /** Adds or replaces the record of a name; of two writers one wins. */
  put(model: InstalledModel): Promise<void>;
  /** Removes the record of exactly this name; its artifact stays for `winnow gc`. */
  remove(name: string): Promise<void>;
}

/** Opens the installed models. Methods throw StorageFailed, StoreUnavailable. */
export function openInstalledModels(records: Records): InstalledModels {
  return {
    async list() {
      const models = await Promise.all((await namesOf(records)).map((name) => read(records, name)));
      return models.filter((model) => model !== null);
    },
    async find(name) {
      const exact = await read(records, name);
      if (exact) return exact;
      const matches = (await namesOf(records)).filter((each) => each.endsWith(`/${name}`));
      if (matches.length > 1)
        throw new WinnowError("BadInput", `${name} names several installed models: give one of ${matches.join(", ")}`);
      return matches[0] === undefined ? null : read(records, matches[0]);
    },
    put: async (model) => records.replace(pathOf(model.name), `${JSON.stringify(model, null, 1)}\n`),
    remove: async (name) => records.remove(pathOf(name)),
  };
}

/** BadInput for a model that is not installed, with the command that installs it. */
export function notInstalled(name: string): WinnowError {
  const what = name.includes("/") ? name : "ORG/NAME";
  return new WinnowError(
    "BadInput",
    `no model ${name} is installed: \`npx winnow models list\` lists the installed ones, \`npx winnow models add ${what}\` installs one`,
  );
}

/** Path of a model's record. Throws BadInput for a text that is no name. */
function pathOf(name: string): string {
  if (!MODEL_NAME.test(name))
    throw new WinnowError("BadInput", `${JSON.stringify(name)} is no name of a model: give ${MODEL_NAME_IN_WORDS}`);
  return `${INSTALLED}/${name.replace("/", "--")}${ENDING}`;
}

async function namesOf(records: Records): Promise<string[]> {
  const files = (await records.list(INSTALLED)).filter((file) => file.endsWith(ENDING));
  const names = files.map((file) => file.slice(0, -ENDING.length).replace("--", "/"));
  return names.filter((name) => MODEL_NAME.test(name)).sort();
}

async function read(records: Records, name: string): Promise<InstalledModel | null> {
  const path = pathOf(name);
  const text = await records.read(path);
  if (text === null) return null;
  const { model, newer } = installedModel(text);
  if (newer !== null) throw new NewerFormat(records.place(path), newer);
  if (model?.name === name) return model;
  const problem = `is not the record of model ${name}: install the model again, or remove the file`;
  throw new WinnowError("CorruptArtifact", `${records.place(path)} ${problem}`);
}

/** Parses a record; `model` is null for an invalid one, and for one of a newer version, whose problem `newer` describes. */
export function installedModel(text: string): { model: InstalledModel | null; newer: string | null } {
  const value = parsed(text);
  const newer = formatProblem(value);
  return { model: newer === null ? (installedModelSchema.safeParse(value).data ?? null) : null, newer };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
