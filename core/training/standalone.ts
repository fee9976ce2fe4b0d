import { readFile, rm } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { z } from "zod";
import { messageOf, WinnowError } from "../errors.ts";
import { loadQuestionSet } from "../evaluation/questionSet.ts";
import { seededRandom } from "../evaluation/random.ts";
import type { TaskContext } from "../native/task.ts";
import { assertNotJudged, JudgedQuestions } from "./contamination.ts";
import type { TrainingGroup } from "./group.ts";
import type { TrainingSettings } from "./settings.ts";
import { type TrainingReport, trainCrossEncoder } from "./trainer.ts";

export interface StandaloneArgs extends Partial<Pick<TrainingSettings, "loss" | "patience" | "frozenLayers">> {
  /**
   * JSONL; a line is `{"query", "positive", "negatives": [...]}`, and may have a teacher's `scores` of the positive and
   * the negatives, in that order.
   */
  pairsFile: string;
  /** Judged question set: a pair whose query nearly equals one of its questions fails the run. */
  questionsFile?: string;
  baseDir: string;
  outDir: string;
  budgetMinutes: number;
  seed: number;
  /** Default: beside `outDir`, removed when the model is written. */
  checkpointDir?: string;
  threads?: number;
}

const VALIDATION_SHARE = 0.05;
const MAX_VALIDATION = 100;
/** With fewer groups than this all are trained on and the last weights are kept. */
const MIN_GROUPS_TO_HOLD_OUT = 40;

const pairSchema = z.object({
  query: z.string().trim().min(1),
  positive: z.string().trim().min(1),
  negatives: z.array(z.string().trim().min(1)).min(1),
  scores: z.array(z.number()).optional(),
});

/**
 * Fine-tunes on the user's own labelled pairs, without corpus or Temporal; a twentieth of the lines is held out to
 * choose the best weights. Throws BadInput naming file and line, and what `trainCrossEncoder` throws.
 */
export async function trainFromPairs(
  { questionsFile, ...args }: StandaloneArgs,
  ctx: TaskContext,
): Promise<TrainingReport> {
  const all = await readPairs(args.pairsFile);
  if (questionsFile !== undefined) {
    const judged = new JudgedQuestions(await loadQuestionSet(questionsFile));
    assertNotJudged(
      all.map(({ question }) => question),
      judged,
    );
  }
  const { groups, validation } = holdOut(all, args.seed);
  const checkpointDir = args.checkpointDir ?? `${resolve(args.outDir)}.checkpoints`;
  const report = await trainCrossEncoder(
    { ...args, checkpointDir, groups, validation, dataDescription: `labelled pairs from ${basename(args.pairsFile)}` },
    ctx,
  );
  if (!args.checkpointDir) await rm(checkpointDir, { recursive: true, force: true });
  return report;
}

/** The groups of a pairs file, in its order. */
export async function readPairs(file: string): Promise<TrainingGroup[]> {
  const groups: TrainingGroup[] = [];
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new WinnowError("BadInput", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  });
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
  } catch (cause) {
    throw new WinnowError("BadInput", `${where}: not JSON (${messageOf(cause)})`, { cause });
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
      `${where}: scores: ${passages.length} are needed, one a passage, got ${scores.length}`,
    );
  }
  return { question: query, passages, ...(scores ? { teacher: scores } : {}) };
}

/** Lines with the same question stay on the same side. */
function holdOut(all: TrainingGroup[], seed: number): { groups: TrainingGroup[]; validation: TrainingGroup[] } {
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
