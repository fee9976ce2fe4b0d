import { constants, cp, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { defineStage, type StageContext, type StageInput } from "./stage.ts";

export interface StoreModelInput extends StageInput {
  /** Role of the model folder in the worker's configuration. */
  role: keyof StageContext["models"];
}

/**
 * Stores a model folder of this machine as an artifact, so that releases name it by digest and every worker can read
 * it.
 */
export const storeModel = defineStage({
  name: "model",
  of: "ingest",
  queue: "winnow-cpu",
  slot: ({ role }: StoreModelInput) => role,
  reads: ({ role }: StoreModelInput, { models }) => ({ model: { folder: models[role] } }),
  options: ({ role }: StoreModelInput, { models }) => ({ name: basename(models[role]) }),
  async run({ model }, _input: StoreModelInput, { outDir }) {
    // Shares the blocks where the file system can.
    const options = { recursive: true, mode: constants.COPYFILE_FICLONE };
    for (const name of await readdir(model)) await cp(join(model, name), join(outDir, name), options);
    return { summary: "stored", facts: { name: basename(model) } };
  },
});
