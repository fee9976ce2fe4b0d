import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeJsonLines } from "../base/jsonl.ts";
import { readLines, readValue, writeValue } from "./files.ts";

/** Files of an artifact of written questions, before and after grading. */
const REQUESTS = "requests.jsonl";
const QUESTIONS = "written.jsonl";
const STATS = "written.json";

/** The style of a question. */
export const STYLES = ["howto", "symptom", "keywords", "lookup", "context"] as const;
export type Style = (typeof STYLES)[number];

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

/** A written question with the passages that the LLM should grade. */
export interface GradeRequest extends WrittenQuestion {
  /** In random order. The text is the window that retrieval would show the reranker, at most 1,200 characters. */
  passages: { id: string; heading: string[]; text: string }[];
}

/** A written question that a passage answers, by the LLM's grades. */
export interface GradedQuestion extends Omit<WrittenQuestion, "passageId"> {
  /** The passage with the best grade. */
  passageId: string;
  /** Ids of further passages that answer, at least in part. */
  related: string[];
  /** Ids of passages that do not answer. */
  opposed: string[];
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

/** Counts of the graded questions. */
export interface GradedStats extends WrittenStats {
  /** Questions that no candidate answers. */
  unanswered: number;
  /** Questions whose reply gives no grades. */
  ungraded: number;
}

/** Writes the first part of either artifact, the requests. Returns their number. */
export async function writeRequested(
  outDir: string,
  requests: readonly WriteRequest[] | readonly GradeRequest[],
): Promise<number> {
  await mkdir(outDir, { recursive: true });
  return writeJsonLines(join(outDir, REQUESTS), requests);
}

/** Throws `CorruptArtifact`. */
export function readRequested<R extends WriteRequest | GradeRequest>(dir: string): Promise<R[]> {
  return readLines<R>(join(dir, REQUESTS));
}

/** Writes the second part of either artifact, the results. */
export async function writeWritten(
  outDir: string,
  questions: readonly WrittenQuestion[] | readonly GradedQuestion[],
  stats: WrittenStats | GradedStats,
): Promise<void> {
  await writeJsonLines(join(outDir, QUESTIONS), questions);
  await writeValue(outDir, STATS, stats);
}

/** Throws `CorruptArtifact`. */
export async function readWritten(writtenDir: string): Promise<{ questions: WrittenQuestion[]; stats: WrittenStats }> {
  const stats = await readValue<WrittenStats>(writtenDir, STATS);
  return { questions: await readLines<WrittenQuestion>(join(writtenDir, QUESTIONS)), stats };
}

/** Throws `CorruptArtifact`. */
export async function readGraded(gradedDir: string): Promise<{ questions: GradedQuestion[]; stats: GradedStats }> {
  const stats = await readValue<GradedStats>(gradedDir, STATS);
  return { questions: await readLines<GradedQuestion>(join(gradedDir, QUESTIONS)), stats };
}
