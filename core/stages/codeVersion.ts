import { type Entry, recipesOf } from "./recipe.ts";

/** Steps with a cached result; `train` is four of them where it is done in shards, `evaluate` two. */
export const STEPS = [
  "ingest",
  "changes",
  "embed",
  "build-index",
  "written",
  "mined",
  "train-data",
  "train",
  "pair-scores",
  "evaluate",
] as const;
export type StepName = (typeof STEPS)[number];
/** `scores` is no step: it is what a pair's logit rests on. */
type Code = StepName | "scores";
export type CodeVersions = Record<Code, string>;

const work = (file: string, ...names: string[]): Entry => ({ file: `core/stages/work/${file}.ts`, names });

/** What each step runs. */
const ENTRIES: Record<Code, Entry[]> = {
  ingest: [work("ingest", "ingestDocs")],
  changes: [work("compareCorpora", "compareCorpora")],
  embed: [work("embedPassages", "embedPassages")],
  "build-index": [work("buildIndex", "buildIndex")],
  written: [
    { file: "core/training/questions/written/passages.ts", names: ["choosePassages"] },
    { file: "core/training/questions/written/write.ts", names: ["askForQuestions", "readReplies"] },
  ],
  mined: [work("mineShard", "mineShard")],
  "train-data": [work("prepare", "prepareTraining")],
  train: [work("trainPrepared", "trainPrepared")],
  "pair-scores": [work("scoreShard", "scoreShard")],
  evaluate: [work("evaluate", "evaluateCandidate")],
  scores: [{ file: "core/models/crossEncoder.ts", names: ["openCrossEncoder"] }],
};

/** Digest of each step's code, so that a new version of Winnow never serves an old version's result. */
export function readCodeVersions(root: string): Promise<CodeVersions> {
  return recipesOf(root, ENTRIES);
}
