import type { WorkContext } from "../../base/progress.ts";
import { addTwin, writeUntrained } from "../../models/untrained.ts";

export interface MakeUntrainedArgs {
  /** Model folder that training started from. */
  baseDir: string;
  /** The reranker trained from it. */
  tunedDir: string;
  outDir: string;
}

/** Writes the reranker that training started from, with its int8 twin. Throws BadModel. Loads native libraries. */
export async function makeUntrained(
  { baseDir, tunedDir, outDir }: MakeUntrainedArgs,
  _ctx: WorkContext,
): Promise<null> {
  await writeUntrained(baseDir, outDir, tunedDir);
  await addTwin(outDir);
  return null;
}
