import type { Estimate } from "../contracts/evaluation.ts";
import { ROWS } from "../contracts/ladderRows.ts";
import type { Limits, Ranking } from "../contracts/passage.ts";
import { type QuestionLine, readEvaluation, readQuestionLines, servingLimits } from "../core/artifacts/evaluation.ts";
import { WinnowError } from "../core/base/errors.ts";
import { bootstrapDifference } from "../core/judging/bootstrap.ts";
import { type AskDecision, decisionOf } from "../core/judging/limits.ts";
import { SMALLEST_CHANGE } from "../core/judging/metrics.ts";
import { measured } from "../core/storage/releases.ts";
import type { ArtifactStore } from "../core/storage/store.ts";
import type { Places } from "./settings.ts";
import { storageOf } from "./storageOf.ts";

/** How a release serves one judged question, by its own evaluation. */
export interface QuestionAsServed {
  /** nDCG@10; null for a question that the docs do not answer. */
  ndcg: number | null;
  /** Rank of the first judged passage; null if none is among the first ten. */
  rank: number | null;
  /** By the limits of the release. */
  decision: AskDecision;
  /** Highest P(relevant) of a candidate. */
  relevance: number;
  /** First passage; null if nothing was retrieved. */
  first: { page: string; heading: string[]; relevant: boolean } | null;
  /** Null for a question that is not a must-pass one. */
  mustPassPassed: boolean | null;
}

/** One question under two releases. */
export interface QuestionDifference {
  id: string;
  query: string;
  kind: string;
  mustPass: boolean;
  answerable: boolean;
  /** nDCG@10 of `a` minus that of `b`; null for a question that the docs do not answer. */
  difference: number | null;
  /**
   * Whether `a` serves the question better than `b`. The decision outweighs the order; an unsure answer is better than
   * a wrong decision and worse than a right one.
   */
  change: "improved" | "harmed" | "unchanged";
  a: QuestionAsServed;
  b: QuestionAsServed;
}

/** Measured release of a comparison. */
export interface MeasuredSide {
  release: string;
  corpus: string;
  createdAt: string;
  ranking: Ranking;
  limits: Limits;
  /** Questions of its set that the other release's evaluation lacks, or that are stale in one of them. */
  alone: number;
}

/** Wins and losses of release `a` against release `b`. */
export interface QuestionComparison {
  a: MeasuredSide;
  b: MeasuredSide;
  /** Both were measured on the same file of questions. */
  sameSet: boolean;
  source: { a: "judged" | "generated"; b: "judged" | "generated" };
  /** Answerable questions of both. */
  answerable: number;
  /** Mean difference of nDCG@10 over them with its paired 95 % bootstrap interval; null without any. */
  mean: Estimate | null;
  /** True if the interval includes 0. */
  withinChance: boolean;
  /** Answerable or not, the largest changes first. */
  questions: QuestionDifference[];
}

interface Side {
  side: Omit<MeasuredSide, "alone">;
  questionSet: string;
  source: "judged" | "generated";
  row: string;
  lines: QuestionLine[];
}

/**
 * Compares two releases question by question. Both need an evaluation. A question is the same if its id and text are.
 * Throws UnknownRelease, BadInput for a release that is not measured, MissingArtifact for one that `gc` removed,
 * CorruptArtifact.
 *
 * @example
 * const { mean, withinChance, questions } = await compareQuestions(places, "0b08c3a25fbe", "14f9f68957b3");
 */
export async function compareQuestions(places: Places, a: string, b: string): Promise<QuestionComparison> {
  const { store, releases } = await storageOf(places);
  const [left, right] = await Promise.all([a, b].map(async (id) => readSide(store, await releases.read(id))));
  return compareSides(left!, right!);
}

async function readSide(store: ArtifactStore, release: Parameters<typeof measured>[0]): Promise<Side> {
  const found = measured(release);
  if (found === null)
    throw new WinnowError(
      "BadInput",
      `Release ${release?.id} serves without an evaluation, so its questions cannot be compared.`,
    );
  const dir = await store.resolve(found.manifest.evaluate);
  const [{ details }, lines] = await Promise.all([readEvaluation(dir), readQuestionLines(dir)]);
  const { corpus, createdAt, ranking, evaluation } = found.manifest;
  const last = evaluation.ladder.at(-1)?.name ?? ROWS.served;
  return {
    side: { release: found.id, corpus, createdAt, ranking, limits: servingLimits(details, ranking) },
    ...{ questionSet: details.questionSet, source: evaluation.source, lines },
    row: ranking === "reranked" ? last : ROWS.retrieval,
  };
}

function compareSides(a: Side, b: Side): QuestionComparison {
  const key = ({ id, query }: QuestionLine) => `${id}\n${query}`;
  const others = new Map(b.lines.map((line) => [key(line), line]));
  const questions = a.lines.flatMap((line) => {
    const other = others.get(key(line));
    const [left, right] = [asServed(line, a), other ? asServed(other, b) : null];
    return left && right ? [differenceOf(line, left, right)] : [];
  });
  const scored = questions.filter(({ difference }) => difference !== null);
  const ndcg = (of: "a" | "b") => scored.map((question) => question[of].ndcg!);
  const mean = scored.length === 0 ? null : bootstrapDifference(ndcg("a"), ndcg("b"));
  return {
    a: { ...a.side, alone: a.lines.length - questions.length },
    b: { ...b.side, alone: b.lines.length - questions.length },
    sameSet: a.questionSet === b.questionSet,
    source: { a: a.source, b: b.source },
    answerable: scored.length,
    mean,
    withinChance: mean === null || (mean.low <= 0 && mean.high >= 0),
    questions: questions.sort((one, two) => weight(two) - weight(one) || (one.id < two.id ? -1 : 1)),
  };
}

/** Null for a question that this evaluation could not score. */
function asServed({ metrics, served, stale }: QuestionLine, { row, side }: Side): QuestionAsServed | null {
  const line = served[side.ranking];
  if (stale || !line) return null;
  const own = metrics[row];
  const reciprocal = own?.["mrr@10"] ?? 0;
  return {
    ndcg: own?.["ndcg@10"] ?? null,
    rank: reciprocal > 0 ? Math.round(1 / reciprocal) : null,
    decision: decisionOf(side.limits, line.best),
    relevance: line.best,
    first: line.top && { page: line.top.page, heading: line.top.heading, relevant: line.top.relevant },
    mustPassPassed: line.mustPassPassed,
  };
}

function differenceOf(
  { id, query, kind, mustPass }: QuestionLine,
  a: QuestionAsServed,
  b: QuestionAsServed,
): QuestionDifference {
  const answerable = a.ndcg !== null && b.ndcg !== null;
  const difference = answerable ? a.ndcg! - b.ndcg! : null;
  return {
    id,
    query,
    kind,
    mustPass,
    answerable,
    difference,
    change: changeOf(answerable, difference ?? 0, a, b),
    a,
    b,
  };
}

/** Merit of a decision, for a question that the docs answer. */
const MERIT = { refuse: 0, unsure: 0.5, answer: 1 } as const;

function changeOf(answerable: boolean, difference: number, a: QuestionAsServed, b: QuestionAsServed) {
  const decided = MERIT[a.decision] - MERIT[b.decision];
  if (decided !== 0) return decided > 0 === answerable ? "improved" : "harmed";
  if (Math.abs(difference) < SMALLEST_CHANGE) return "unchanged";
  return difference > 0 ? "improved" : "harmed";
}

/** A refusal that became an answer, or the reverse, weighs as much as the largest difference of nDCG@10. */
function weight({ difference, a, b }: QuestionDifference): number {
  return Math.max(Math.abs(difference ?? 0), Math.abs(MERIT[a.decision] - MERIT[b.decision]));
}
