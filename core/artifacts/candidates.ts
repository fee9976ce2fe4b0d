import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeJsonLines } from "../base/jsonl.ts";
import { readLines } from "./files.ts";

const FILE = "candidates.jsonl";

/** A question and the passages it retrieves. */
export interface MinedQuestion {
  question: string;
  /** Best first. */
  positions: number[];
}

/** Writes the result of one mining shard. */
export async function writeCandidates(outDir: string, mined: readonly MinedQuestion[]): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeJsonLines(join(outDir, FILE), mined);
}

/** Throws `CorruptArtifact`. */
export function readCandidates(minedDir: string): Promise<MinedQuestion[]> {
  return readLines<MinedQuestion>(join(minedDir, FILE));
}
