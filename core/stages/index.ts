import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { QueueName, StageName } from "../../contracts/names.ts";
import { COMPILED } from "../base/ownModules.ts";
import { buildIndex } from "./buildIndex.ts";
import { changes } from "./changes.ts";
import { embed } from "./embed.ts";
import { evaluate } from "./evaluate.ts";
import { firstCalibration } from "./firstCalibration.ts";
import { gradeQuestions } from "./gradeQuestions.ts";
import { heldout } from "./heldout.ts";
import { ingest } from "./ingest.ts";
import { keptRecipesOf } from "./keptRecipes.ts";
import { mineShard } from "./mineShard.ts";
import { prepareTraining } from "./prepareTraining.ts";
import type { Entry } from "./recipe.ts";
import { scoreShard } from "./scoreShard.ts";
import type { Stage, StageInput, StepOutcome } from "./stage.ts";
import { storeModel } from "./storeModel.ts";
import { train } from "./train.ts";
import { untrained } from "./untrained.ts";
import { writeQuestions } from "./writeQuestions.ts";

/**
 * Every step of the pipeline with a cached result. A row's key names its activity type and its compute task. Its queue,
 * cache key, recipe, heartbeat and metrics label come from the stage.
 */
export const stages = {
  storeModel,
  ingest,
  changes,
  embed,
  buildIndex,
  firstCalibration,
  writeQuestions,
  gradeQuestions,
  heldout,
  mineShard,
  prepareTraining,
  train,
  untrained,
  scoreShard,
  evaluate,
} as const;

export type StageTable = typeof stages;
export type StageKey = keyof StageTable;

// biome-ignore lint/suspicious/noExplicitAny: any row
type InputOf<S> = S extends { run(found: any, input: infer I extends StageInput, run: any): unknown } ? I : never;
// biome-ignore lint/suspicious/noExplicitAny: any row
type FactsOf<S> = S extends { run(...args: any): Promise<{ facts: infer F }> } ? F : never;

/** One activity per row, by its key: the interface for workflows. */
export type StageActivities = {
  [K in StageKey]: (input: InputOf<StageTable[K]>) => Promise<StepOutcome<FactsOf<StageTable[K]>>>;
};

/** Keys of the rows. */
export const STAGE_KEYS = Object.keys(stages) as StageKey[];

/** A row with its types erased. */
export function stageOf(key: StageKey): Stage {
  return stages[key] as unknown as Stage;
}

/** The pipeline stage that an activity belongs to, or null if it belongs to none. */
export function pipelineStageOf(activity: string): StageName | null {
  return Object.hasOwn(stages, activity) ? stages[activity as StageKey].of : null;
}

/** Keys of the rows on a queue. */
export function stagesOn(queue: QueueName): StageKey[] {
  return STAGE_KEYS.filter((key) => stages[key].queue === queue);
}

/** Names of the steps in the cache. */
export const STEP_NAMES = STAGE_KEYS.map((key) => stages[key].name);

/** Code that determines a pair's logit, for every stage. */
const SCORES: Entry[] = [{ file: "core/models/crossEncoder.ts", names: ["openCrossEncoder"] }];

/** In the package: digests of the sources that it was compiled from, so that both use each other's results. */
export const PACKED_RECIPES = "core/stages/recipes.json";

/**
 * Digest of the code of each step, by its name, and of `scores`. A version never serves the results of different code.
 */
export async function readCodeVersions(root: string): Promise<Record<string, string>> {
  if (COMPILED) return JSON.parse(await readFile(join(root, PACKED_RECIPES), "utf8"));
  const coded = STAGE_KEYS.filter((key) => stageOf(key).work || stageOf(key).also);
  const entries = coded.map((key): [string, Entry[]] => {
    const { name, work, also = [] } = stageOf(key);
    return [name, [...(work ? [{ file: `core/stages/${work.file}`, names: [work.name] }] : []), ...also]];
  });
  return keptRecipesOf(root, { ...Object.fromEntries(entries), scores: SCORES });
}
