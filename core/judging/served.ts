import { askInputSchema } from "../../contracts/ask.ts";
import type { EvaluationSummary } from "../../contracts/evaluation.ts";
import type { Limits, Ranking } from "../../contracts/passage.ts";
import { type Calibration, FEATURE_SETS, fitCalibration, relevanceOf } from "./calibration.ts";
import { outOfFold } from "./folds.ts";
import { type AskDecision, chooseLimits, decisionOf, leastUsed } from "./limits.ts";
import { fitLogitWeight, orderScores } from "./ordering.ts";
import type { Forecast } from "./reliability.ts";
import { descending, featuresOf, type RerankerRole, type ScoredQuestion } from "./scored.ts";
import { chooseThreshold, type Decidable, refuses } from "./threshold.ts";

/** The served result of one question. */
export interface ServedQuestion extends Decidable {
  kind: string;
  /** Indices of the candidates in served order. */
  order: number[];
  /** P(relevant) of each candidate, in candidate order. */
  relevance: number[];
  threshold: number;
  limits: Limits;
  /** What `ask` does with the question, by the limits. */
  decision: AskDecision;
  /** Whether each passage behind the answer is judged, in served order; empty if refused. */
  used: boolean[];
  /** P(relevant) of the first passage served, and its outcome. `null` if nothing was retrieved. */
  top: Forecast | null;
}

/** A ranking with its calibration, applied to every question. */
export interface Served {
  ranking: Ranking;
  /** Fitted on all questions, with the release's serving threshold. */
  calibration: Calibration;
  /** Each question under the calibration and threshold of the folds without it, or under a frozen calibration. */
  questions: ServedQuestion[];
  /** Each question under `calibration` itself, as the release will serve it. */
  asServed: ServedQuestion[];
}

/**
 * Weights of the BM25 share and the cosine if all questions were made from the docs. Such questions repeat the docs'
 * words. A model fitted on them gives cosines almost no weight and refuses many questions in people's own words
 * (docs/evaluation.md#generated-questions). Judged questions gave a cosine weight of 1.2 (sample docs), 1.4
 * (Kubernetes), 1.7 (Loki) and 3.7 (Argo CD).
 */
const MIX_ON_GENERATED = [1, 1.4];

/**
 * Prior weights of logit, cosine and BM25 share, each at unit spread, in P(relevant). They are means over judged
 * questions about six projects' docs, without Kubernetes (docs/evaluation.md#calibration). The prior counts as a
 * hundred pairs against the pairs of a question set, which is small.
 */
const EXPERIENCE = {
  reranked: { mix: [0.48, 0.78, 0.41], pairs: 100 },
  retrieval: { mix: [0.83, 0.56], pairs: 100 },
};

/** Default number of passages behind an answer. */
const DRAWN_ON = askInputSchema.shape.passages.parse(undefined);

export interface ServeOptions {
  /** Default: judged. */
  source?: EvaluationSummary["source"];
  /** Share of false answers that the threshold keeps to (`chooseThreshold`). */
  falseAnswers?: number;
}

/**
 * Fits the calibration of one ranking out of fold. `role` names the reranker, `null` for retrieval. On generated
 * questions, P(relevant) uses only cosine and BM25, with fixed relative weights.
 */
export function serveOutOfFold(
  questions: ScoredQuestion[],
  role: RerankerRole | null,
  { source = "judged", falseAnswers }: ServeOptions = {},
): Served {
  const ranking: Ranking = role === null ? "retrieval" : "reranked";
  const train = (rest: ScoredQuestion[]) => fitRanking(rest, role, source);
  const apply = (calibration: Calibration, question: ScoredQuestion) => serve(question, role, calibration);
  const predicted = outOfFold(questions, train, apply);
  const choose = (rest: readonly ServedQuestion[]) => {
    const threshold = chooseThreshold(rest, { falseAnswers, source, all: predicted });
    return { threshold, limits: chooseLimits(rest, threshold) };
  };
  const chosen = outOfFold(predicted, choose, (values) => values);
  const calibration = { ...train(questions), ...choose(predicted) };
  return {
    ranking,
    calibration,
    questions: predicted.map((q, i) => ({ ...q, ...decide(questions[i]!, q, chosen[i]!) })),
    asServed: questions.map((question) => apply(calibration, question)),
  };
}

/** Applies a release's own calibration and threshold without fitting anything. */
export function serveFrozen(questions: ScoredQuestion[], role: RerankerRole | null, calibration: Calibration): Served {
  const served = questions.map((question) => serve(question, role, calibration));
  return { ranking: role === null ? "retrieval" : "reranked", calibration, questions: served, asServed: served };
}

/** Calibration on the logit alone, for scores outside retrieval. */
export function fitLogitAlone(questions: ScoredQuestion[], role: RerankerRole): Calibration {
  return fitCalibration(
    questions.map((q) => ({ candidates: featuresOf(q, role) })),
    FEATURE_SETS.logit,
  );
}

function fitRanking(
  questions: ScoredQuestion[],
  role: RerankerRole | null,
  source: EvaluationSummary["source"],
): Calibration {
  const logitWeight = role === null ? null : fitLogitWeight(questions, role);
  const inOrder = questions.map((question) => {
    const features = featuresOf(question, role);
    return { candidates: servedOrder(question, role, logitWeight).map((i) => features[i]!) };
  });
  const options = { top: "first", logitWeight } as const;
  if (source === "generated")
    return fitCalibration(inOrder, FEATURE_SETS.retrieval, { ...options, mix: MIX_ON_GENERATED });
  const features = role === null ? "retrieval" : "reranked";
  return fitCalibration(inOrder, FEATURE_SETS[features], { ...options, experience: EXPERIENCE[features] });
}

/** Indices of the candidates in served order. */
function servedOrder(question: ScoredQuestion, role: RerankerRole | null, logitWeight: number | null): number[] {
  if (role === null || logitWeight === null) return question.candidates.map((_, i) => i);
  return descending(orderScores(question, role, logitWeight));
}

function serve(question: ScoredQuestion, role: RerankerRole | null, calibration: Calibration): ServedQuestion {
  const relevance = featuresOf(question, role).map((candidate) => relevanceOf(calibration, candidate));
  const order = servedOrder(question, role, calibration.logitWeight);
  const best = Math.max(0, ...relevance);
  const first = order[0];
  const decided = decide(question, { order, relevance, best }, calibration);
  return {
    id: question.id,
    kind: question.kind,
    answerable: question.answerable,
    retrieved: question.candidates.some((c) => c.relevant),
    order,
    relevance,
    best,
    ...decided,
    top: first === undefined ? null : { p: relevance[first]!, outcome: question.candidates[first]!.relevant },
  };
}

/**
 * Applies `ask`'s rule: the limits decide, and the answer uses the first passages in served order whose relevance
 * reaches the threshold, or the lower limit where it is unsure.
 */
function decide(
  { candidates }: ScoredQuestion,
  { order, relevance, best }: Pick<ServedQuestion, "order" | "relevance" | "best">,
  { threshold, limits }: Pick<Calibration, "threshold" | "limits">,
): Pick<ServedQuestion, "threshold" | "limits" | "decision" | "used"> {
  const decision = decisionOf(limits, best);
  const least = leastUsed({ threshold, limits, unsure: decision === "unsure" });
  const reaching = decision === "refuse" ? [] : order.filter((i) => !refuses(least, relevance[i]!));
  const used = reaching.slice(0, DRAWN_ON).map((i) => candidates[i]!.relevant);
  return { threshold, limits, decision, used };
}
