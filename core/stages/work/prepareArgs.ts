import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";

export interface PrepareArgs extends CorpusDirs {
  /** Model folder of the embedder. */
  modelDir: string;
  /** Judged question set that nothing may be trained on; null where there is none. */
  questionsFile: string | null;
  /** The user's own labelled pairs (pairs.ts), trained on beside the questions the docs ask themselves; null: none. */
  pairsFile?: string | null;
  /** Folder of questions an LLM wrote (written/), trained on where they lead back to their passage; null: none. */
  writtenDir?: string | null;
  /** Keep the pages that answer the question set out of training altogether. */
  strict: boolean;
  seed: number;
  /** Receives a train-data artifact (core/artifacts/groups.ts). */
  outDir: string;
  maxGroups?: number;
  /** Folders of candidates that `mineShard` found; questions that are not in them are searched here. */
  minedDirs?: readonly string[];
}
