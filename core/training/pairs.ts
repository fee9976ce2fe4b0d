import { z } from "zod";
import type { TrainingGroup } from "../artifacts/groups.ts";
import { WinnowError } from "../base/errors.ts";
import { MB, readGivenText, Unreadable } from "../base/given/files.ts";
import type { TaskContext } from "../base/progress.ts";
import { seededRandom } from "../base/random.ts";
import type { Question } from "../judging/question.ts";
import type { Embedder } from "../models/embedder.ts";
import { assertNotJudged, JudgedQuestions } from "./questions/contamination.ts";

const MAX_BYTES = 500 * MB;
const VALIDATION_SHARE = 0.05;
const MAX_VALIDATION = 100;
/** With fewer groups than this, training uses all of them and keeps the last weights. */
const MIN_GROUPS_TO_HOLD_OUT = 40;

const pairSchema = z.object({
  query: z.string().trim().min(1),
  positive: z.string().trim().min(1),
  negatives: z.array(z.string().trim().min(1)).min(1),
  scores: z.array(z.number()).optional(),
});

/**
 * Reads the groups of a pairs file, in its order. Scores in the file come from an external teacher. Throws BadInput
 * naming file, line and field.
 */
export async function readPairs(file: string): Promise<TrainingGroup[]> {
  const text = await readGivenText(file, { maxBytes: MAX_BYTES }).catch((cause) => {
    if (!(cause instanceof Unreadable)) throw cause;
    throw new WinnowError("BadInput", `${file} ${cause.message}`, { cause });
  });
  return parsePairs(text, file);
}

/** Parses the content of a pairs file; `file` is the name used in errors. */
export function parsePairs(text: string, file: string): TrainingGroup[] {
  const groups: TrainingGroup[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() !== "") groups.push(parsePair(line, `${file}, line ${i + 1}`));
  }
  if (groups.length === 0) throw new WinnowError("BadInput", `${file} holds no pairs`);
  return groups;
}

function parsePair(line: string, where: string): TrainingGroup {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // JSON.parse quotes the text, and the message reaches Temporal's history: the file may be a secret.
    throw new WinnowError("BadInput", `${where}: not JSON`);
  }
  const parsed = pairSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new WinnowError("BadInput", `${where}: ${path.length ? `${path.join(".")}: ` : ""}${message}`);
  }
  const { query, positive, negatives, scores } = parsed.data;
  const passages = [positive, ...negatives];
  if (scores && scores.length !== passages.length) {
    throw new WinnowError(
      "BadInput",
      `${where}: scores: expected ${passages.length}, one per passage, got ${scores.length}`,
    );
  }
  return { question: query, passages, ...(scores ? { scores } : {}) };
}

/**
 * Holds out 5 % of the groups, at most 100, for validation. Holds out none if there are fewer than 40. Lines with the
 * same question stay on the same side.
 */
export function holdOut(all: TrainingGroup[], seed: number): { groups: TrainingGroup[]; validation: TrainingGroup[] } {
  if (all.length < MIN_GROUPS_TO_HOLD_OUT) return { groups: all, validation: [] };
  const random = seededRandom(seed);
  const questions = [...new Set(all.map(({ question }) => question))];
  const limit = Math.min(MAX_VALIDATION / all.length, VALIDATION_SHARE);
  const held = new Set(questions.filter(() => random() < limit));
  return {
    groups: all.filter(({ question }) => !held.has(question)),
    validation: all.filter(({ question }) => held.has(question)),
  };
}

/**
 * Throws `BadInput` naming the first group whose question nearly equals a judged one. Compares terms and, if an
 * `embedder` is given, embeddings.
 */
export async function assertPairsNotJudged(
  groups: TrainingGroup[],
  judged: Question[],
  embedder: Embedder | null,
  ctx: TaskContext,
): Promise<void> {
  const supplied = groups.map(({ question }) => question);
  if (embedder === null || judged.length === 0) return assertNotJudged(supplied, new JudgedQuestions(judged));
  const guard = await JudgedQuestions.embedded(judged, embedder, ctx);
  assertNotJudged(supplied, guard, await embedder.embed({ questions: supplied }, ctx));
}
