import type { PassageLabel } from "../../../contracts/labels.ts";
import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";

export interface PrepareArgs extends CorpusDirs {
  /** Model folder of the embedder. */
  modelDir: string;
  /** Judged question set that is kept out of training, or null. */
  questionsFile: string | null;
  /** The user's labelled pairs (pairs.ts), used in addition to the generated questions, or null. */
  pairsFile?: string | null;
  /** Folder of written questions with the LLM's grades, or null. */
  writtenDir?: string | null;
  /** Accepted votes. Default: none. */
  labels?: readonly PassageLabel[];
  /** Exclude the pages that answer the question set from training. */
  strict: boolean;
  seed: number;
  /** Receives a train-data artifact (core/artifacts/groups.ts). */
  outDir: string;
  maxGroups?: number;
  /** Folders of candidates from `mineShard`; other questions are searched here. */
  minedDirs?: readonly string[];
}
