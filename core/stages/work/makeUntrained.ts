import { eachWindowInput } from "../../artifacts/passages.ts";
import type { WorkContext } from "../../base/progress.ts";
import { addTwin, writeUntrained } from "../../models/untrained.ts";

export interface MakeUntrainedArgs {
  /** Model folder that training starts from. */
  baseDir: string;
  /** Ingest artifact. */
  ingestDir: string;
  outDir: string;
}

/**
 * Writes the reranker that training starts from, with its int8 twin. Throws BadModel, CorruptArtifact, Cancelled. Loads
 * native libraries.
 */
export async function makeUntrained(
  { baseDir, ingestDir, outDir }: MakeUntrainedArgs,
  ctx: WorkContext,
): Promise<null> {
  await writeUntrained(baseDir, outDir, eachWindowInput(ingestDir), ctx);
  await addTwin(outDir);
  return null;
}
