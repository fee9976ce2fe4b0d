import { readTrainingGroups } from "../../artifacts/groups.ts";
import type { WorkContext } from "../../base/progress.ts";
import { addTwin, writeUntrained } from "../../models/untrained.ts";
import { teachable } from "../../training/loop/teachable.ts";

export interface MakeUntrainedArgs {
  /** Model folder that training starts from. */
  baseDir: string;
  /** Train-data artifact of `prepareTraining`. */
  dataDir: string;
  outDir: string;
}

/** Writes the reranker that training starts from, with its int8 twin. Throws BadModel. Loads native libraries. */
export async function makeUntrained({ baseDir, dataDir, outDir }: MakeUntrainedArgs, _ctx: WorkContext): Promise<null> {
  const { groups } = teachable((await readTrainingGroups(dataDir)).groups);
  const passages = groups.flatMap((group) => group.passages);
  await writeUntrained(baseDir, outDir, passages.length > 0 ? passages : null);
  await addTwin(outDir);
  return null;
}
