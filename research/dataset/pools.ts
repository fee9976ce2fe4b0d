import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Passage } from "../../contracts/passage.ts";
import { readJsonLines } from "../../core/base/jsonl.ts";

/** A line of `questions/PROJECT.jsonl`. */
export interface DatasetQuestion {
  id: string;
  style: string;
  query: string;
  /** What the writer believed; the grades decide. */
  intent: "answerable" | "near" | "offtopic";
  need: string;
}

/** Where a candidate is in the docs; no text of it. */
export interface PooledCandidate {
  page: string;
  heading: string[];
  lines: [number, number];
  /** First 12 hex digits of the SHA-256 of heading trail and text. */
  text: string;
  windows: number;
  /** The window nearest to the question, from 0: what the reranker reads. */
  nearest: number;
  /** Drawn at random, from outside the served candidates. */
  random: boolean;
}

/** The candidates of a question in the order that readers see, and those that retrieval serves. */
export interface Pool {
  id: string;
  candidates: PooledCandidate[];
  served: { position: number; window: number; cosine: number; bm25Share: number; fused: number; logit: number }[];
}

export function questionsFile(project: string): string {
  return join(import.meta.dirname, "questions", `${project}.jsonl`);
}

export function textDigest({ heading, text }: Pick<Passage, "heading" | "text">): string {
  return createHash("sha256")
    .update(JSON.stringify([heading, text]))
    .digest("hex")
    .slice(0, 12);
}

/** A line of `grades/PROJECT.jsonl`. */
export interface GradedQuestion {
  id: string;
  /** In the order that readers saw. */
  candidates: {
    page: string;
    /** The last of the heading trail. */
    heading: string;
    /** As in the pool. */
    text: string;
    /** The window that holds what was graded 2 or 3, by the reader; else the nearest. */
    window: number;
    nearest: number;
    /** 3 answers it, 2 in part, 1 is about it, 0 no. */
    grade: number;
  }[];
  /** Grades of a second reader, in the same order. */
  second?: number[];
}

export function gradesFile(project: string): string {
  return join(import.meta.dirname, "grades", `${project}.jsonl`);
}

/** Whether one candidate answers the question, or two in part. */
export function isAnswerableBy({ candidates }: GradedQuestion): boolean {
  const count = (grade: number) => candidates.filter((candidate) => candidate.grade === grade).length;
  return count(3) > 0 || count(2) > 1;
}

/** The questions about a project that are graded, with their candidates. */
export async function readGraded(project: string): Promise<(DatasetQuestion & GradedQuestion)[]> {
  const questions = new Map(
    (await readJsonLines<DatasetQuestion>(questionsFile(project))).map((line) => [line.id, line]),
  );
  const graded = await readJsonLines<GradedQuestion>(gradesFile(project));
  return graded.map((line) => ({ ...questions.get(line.id)!, ...line }));
}

/** Served candidates by the question's id. @param pools the `--out` of dataset:pool */
export async function readServed(pools: string, project: string): Promise<Map<string, Pool["served"]>> {
  const lines = await readJsonLines<Pool>(join(pools, project, "pools.jsonl"));
  return new Map(lines.map(({ id, served }) => [id, served]));
}
