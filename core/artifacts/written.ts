import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeJsonLines } from "../base/jsonl.ts";
import { readLines, readValue, writeValue } from "./files.ts";

/** Files of an artifact of written questions. */
const REQUESTS = "requests.jsonl";
const QUESTIONS = "written.jsonl";
const STATS = "written.json";

/** The style of a question. */
export type Style = "howto" | "symptom" | "keywords";

/** Why a reply was rejected. */
export type Rejection = "empty" | "no question" | "about the text" | "length" | "copied" | "duplicate";

/** A passage for which the LLM should write a question. */
export interface WriteRequest {
  passageId: string;
  style: Style;
  heading: string[];
  /** The passage as the model sees it: at most 1,600 characters. */
  text: string;
}

/** A question that the LLM wrote for a passage. */
export interface WrittenQuestion {
  question: string;
  passageId: string;
  style: Style;
}

/** Counts of the requested questions. */
export interface WrittenStats {
  model: string;
  /** Questions requested. */
  asked: number;
  /** Questions whose wording is usable. */
  written: number;
  rejected: Partial<Record<Rejection, number>>;
}

/** Writes the first part of the artifact, the requests. Returns their number. */
export async function writeRequested(outDir: string, requests: readonly WriteRequest[]): Promise<number> {
  await mkdir(outDir, { recursive: true });
  return writeJsonLines(join(outDir, REQUESTS), requests);
}

/** Throws `CorruptArtifact`. */
export function readRequested(writtenDir: string): Promise<WriteRequest[]> {
  return readLines<WriteRequest>(join(writtenDir, REQUESTS));
}

/** Writes the second part of the artifact, the results. */
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
