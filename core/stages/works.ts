import type { choosePassages } from "../training/questions/written/passages.ts";
import { type Work, workIn } from "./stage.ts";
import type { buildIndex } from "./work/buildIndex.ts";
import type { embedPassages } from "./work/embedPassages.ts";
import type { evaluateCandidate } from "./work/evaluate.ts";
import type { findGraded } from "./work/findGraded.ts";
import type { calibrateRetrieval } from "./work/firstCalibration.ts";
import type { ingestDocs } from "./work/ingest.ts";
import type { makeHeldout } from "./work/makeHeldout.ts";
import type { makeUntrained } from "./work/makeUntrained.ts";
import type { mineShard } from "./work/mineShard.ts";
import type { prepareTraining } from "./work/prepare.ts";
import type { scoreShard } from "./work/scoreShard.ts";
import type { trainPrepared } from "./work/trainPrepared.ts";

/**
 * Work of the stages, by a stage's key in the table (index.ts). It is apart from the table, so that a compute process
 * loads the modules of its own work and not every stage, which would take a second of processor time.
 */
export const works = {
  ingest: workIn<typeof ingestDocs>("work/ingest.ts", "ingestDocs"),
  embed: workIn<typeof embedPassages>("work/embedPassages.ts", "embedPassages"),
  buildIndex: workIn<typeof buildIndex>("work/buildIndex.ts", "buildIndex"),
  firstCalibration: workIn<typeof calibrateRetrieval>("work/firstCalibration.ts", "calibrateRetrieval"),
  writeQuestions: workIn<typeof choosePassages>("../training/questions/written/passages.ts", "choosePassages"),
  gradeQuestions: workIn<typeof findGraded>("work/findGraded.ts", "findGraded"),
  heldout: workIn<typeof makeHeldout>("work/makeHeldout.ts", "makeHeldout"),
  mineShard: workIn<typeof mineShard>("work/mineShard.ts", "mineShard"),
  prepareTraining: workIn<typeof prepareTraining>("work/prepare.ts", "prepareTraining"),
  train: workIn<typeof trainPrepared>("work/trainPrepared.ts", "trainPrepared"),
  untrained: workIn<typeof makeUntrained>("work/makeUntrained.ts", "makeUntrained"),
  scoreShard: workIn<typeof scoreShard>("work/scoreShard.ts", "scoreShard"),
  evaluate: workIn<typeof evaluateCandidate>("work/evaluate.ts", "evaluateCandidate"),
} as const;

type WorkOf<W> = W extends Work<infer A, infer R> ? (args: A) => Promise<R> : never;
/** One compute task for each work, by its stage's key. */
export type StageTasks = { [K in keyof typeof works]: WorkOf<(typeof works)[K]> };
