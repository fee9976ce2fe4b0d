import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeJsonLines } from "../base/jsonl.ts";
import { readLines, readValue, writeValue } from "./files.ts";

/** Files of an artifact of written questions. */
const REQUESTS = "requests.jsonl";
const QUESTIONS = "written.jsonl";
const STATS = "written.json";

/** How a person puts a question. */
export type Style = "howto" | "symptom" | "keywords";

/** Why a reply gives no question. */
export type Rejection = "empty" | "no question" | "about the text" | "length" | "copied" | "duplicate";

/** A passage for which a question is wanted. */
export interface WriteRequest {
  passageId: string;
  style: Style;
  heading: string[];
  /** As the model sees it: at most 1,600 characters of the passage. */
  text: string;
}

/** A question that the LLM wrote for a passage. */
export interface WrittenQuestion {
  question: string;
  passageId: string;
  style: Style;
}

/** Counts of the questions that were asked for. */
export interface WrittenStats {
  model: string;
  /** Questions asked for. */
  asked: number;
  /** Questions that can be used as far as their wording goes. */
  written: number;
  rejected: Partial<Record<Rejection, number>>;
}

/** Writes the first part of the artifact: what is to be asked. Gives how many requests there are. */
export async function writeRequested(outDir: string, requests: readonly WriteRequest[]): Promise<number> {
  await mkdir(outDir, { recursive: true });
  return writeJsonLines(join(outDir, REQUESTS), requests);
}

/** Throws `CorruptArtifact`. */
export function readRequested(writtenDir: string): Promise<WriteRequest[]> {
  return readLines<WriteRequest>(join(writtenDir, REQUESTS));
}

/** Writes the second part of the artifact: what came of it. */
export async function writeWritten(
  outDir: string,
  questions: readonly WrittenQuestion[],
  stats: WrittenStats,
): Promise<void> {
  await writeJsonLines(join(outDir, QUESTIONS), questions);
  await writeValue(outDir, STATS, stats);
}

/** Throws `CorruptArtifact`. */
export async function readWritten(writtenDir: string): Promise<{ questions: WrittenQuestion[]; stats: WrittenStats }> {
  const stats = await readValue<WrittenStats>(writtenDir, STATS);
  return { questions: await readLines<WrittenQuestion>(join(writtenDir, QUESTIONS)), stats };
}
