import { z } from "zod";
import { PRECISIONS } from "../../contracts/evaluation.ts";
import { WinnowError } from "../base/errors.ts";
import { fitLogistic, type LogisticModel, sigmoid } from "./logistic.ts";

export const FEATURES = ["logit", "cosine", "bm25Share"] as const;
export type Feature = (typeof FEATURES)[number];

/** Scores of one candidate from the retriever and the reranker. */
export interface CandidateFeatures {
  /** Raw logit of the cross-encoder; `null` if the reranker is off. */
  logit: number | null;
  /** Cosine of question and passage, -1..1. */
  cosine: number;
  /** BM25 score divided by the highest score that the question's terms allow, about 0..1. */
  bm25Share: number;
}

const storedSchema = z.object({
  features: z.array(z.enum(FEATURES)).min(1),
  /** Standardisation of each feature: (x - mean) / scale. */
  mean: z.array(z.number()),
  scale: z.array(z.number().positive()),
  weights: z.array(z.number()),
  bias: z.number(),
  /** Second, one-dimensional fit on each question's top passage. It is monotone, so it never changes an order. */
  top: z.object({ slope: z.number().positive(), intercept: z.number() }),
  /**
   * Candidates are served by fused retrieval score + this x logit, or in retrieval order if `null`. An order may use
   * any features, but P(relevant) must mean the same for every question.
   */
  logitWeight: z.number().min(0).nullable().default(null),
  /** Relevance threshold. A question is refused if every candidate is below it. */
  threshold: z.number().min(0).max(1),
  /** Best relevance below which a question is refused, and from which it is answered; between them, unsure. */
  limits: z.object({ refuse: z.number().min(0).max(1), answer: z.number().min(0).max(1) }).optional(),
  /** Size of the data it was fitted on. */
  fittedOn: z.object({ questions: z.number(), pairs: z.number(), relevant: z.number() }),
});

/** A release made before there were limits decides by its threshold alone. */
const calibrationSchema = storedSchema.transform((stored) => ({
  ...stored,
  limits: stored.limits ?? { refuse: stored.threshold, answer: stored.threshold },
}));

/** Maps a candidate's scores to P(relevant) on one absolute scale; plain JSON. */
export type Calibration = z.infer<typeof calibrationSchema>;

const calibrationsSchema = z.object({
  /** For `ranking: "reranked"`; `null` without a reranker. */
  reranked: calibrationSchema.nullable(),
  /** For `ranking: "retrieval"`: cosine and BM25 alone. */
  retrieval: calibrationSchema,
  /** On the logit alone, for `winnow rerank`. */
  logit: calibrationSchema.nullable(),
  /** Precision of the logits that these calibrations read, which is also the served one. */
  precision: z.enum(PRECISIONS),
});

/** A release's calibrations, which map scores to P(relevant). */
export type Calibrations = z.infer<typeof calibrationsSchema>;

/** Parses stored calibrations. Throws on any other value. */
export function parseCalibrations(value: unknown): Calibrations {
  return calibrationsSchema.parse(value);
}

export const FEATURE_SETS = {
  reranked: ["logit", "cosine", "bm25Share"],
  retrieval: ["cosine", "bm25Share"],
  logit: ["logit"],
} as const satisfies Record<Exclude<keyof Calibrations, "precision">, readonly Feature[]>;

/** One question's served candidates with labels. A question that the docs do not answer has no relevant candidate. */
export interface CalibrationQuestion {
  /** In served order. */
  candidates: (CandidateFeatures & { relevant: boolean })[];
}

export interface FitOptions {
  /** A question's top passage: the first as given, or the one with the model's highest score. */
  top?: "first" | "best";
  /** Fixed relative weight of each feature. Only their common scale is learned from the questions. */
  mix?: readonly number[];
  /** Prior weight of each feature at unit spread, measured on other docs, and the number of pairs it counts for. */
  experience?: { mix: readonly number[]; pairs: number };
  logitWeight?: number | null;
  l2?: number;
  threshold?: number;
}

/**
 * Fits a calibration on (question, candidate) pairs. A logistic model over standardised features orders the candidates.
 * Platt scaling on each question's top passage then calibrates that passage's probability.
 */
export function fitCalibration(
  questions: CalibrationQuestion[],
  features: readonly Feature[],
  options: FitOptions = {},
): Calibration {
  const { top = "best", threshold = 0.5, logitWeight = null } = options;
  const pairs = questions.flatMap((question) => question.candidates);
  const raw = pairs.map((pair) => featureRow(features, pair));
  const mean = features.map((_, j) => average(raw.map((row) => row[j]!)));
  const scale = features.map((_, j) => Math.sqrt(average(raw.map((row) => (row[j]! - mean[j]!) ** 2))) || 1);
  const rows = raw.map((row) => row.map((x, j) => (x - mean[j]!) / scale[j]!));
  const targets = pairs.map((pair) => Number(pair.relevant));
  const relevant = pairs.filter((pair) => pair.relevant).length;
  const draft: Calibration = {
    features: [...features],
    mean,
    scale,
    ...fitWeights(rows, targets, scale, options),
    top: { slope: 1, intercept: 0 },
    logitWeight,
    threshold,
    limits: { refuse: threshold, answer: threshold },
    fittedOn: { questions: questions.length, pairs: pairs.length, relevant },
  };
  return { ...draft, top: fitTop(draft, questions, top) };
}

/**
 * A logistic model of standardised rows with the options' prior on its weights. `scale` is each feature's original
 * spread.
 */
function fitWeights(rows: number[][], targets: number[], scale: number[], options: FitOptions): LogisticModel {
  const { l2 = 1, mix, experience } = options;
  if (mix) {
    const atUnitSpread = mix.map((weight, j) => weight * scale[j]!);
    return fitMixed(rows, atUnitSpread, targets, l2);
  }
  if (!experience) return fitLogistic(rows, targets, { l2 });
  const { weights } = fitMixed(rows, experience.mix, targets, l2);
  return fitLogistic(rows, targets, { l2: experience.pairs, towards: weights });
}

/** A logistic model of one number, the fixed weighted sum of the features, expressed as a model of the features. */
function fitMixed(rows: number[][], weights: readonly number[], targets: number[], l2: number): LogisticModel {
  const sums = rows.map((row) => row.reduce((sum, x, j) => sum + x * weights[j]!, 0));
  const scale = Math.sqrt(average(sums.map((sum) => sum ** 2))) || 1;
  const model = fitLogistic(
    sums.map((sum) => [sum / scale]),
    targets,
    { l2 },
  );
  return { bias: model.bias, weights: weights.map((weight) => (weight * model.weights[0]!) / scale) };
}

/** P(relevant), 0..1. Throws `BadInput` if the calibration needs a logit and the candidate has none. */
export function relevanceOf(calibration: Calibration, candidate: CandidateFeatures): number {
  return sigmoid(calibration.top.slope * scoreOf(calibration, candidate) + calibration.top.intercept);
}

function scoreOf(calibration: Calibration, candidate: CandidateFeatures): number {
  return featureRow(calibration.features, candidate).reduce(
    (sum, x, j) => sum + (calibration.weights[j]! * (x - calibration.mean[j]!)) / calibration.scale[j]!,
    calibration.bias,
  );
}

function featureRow(features: readonly Feature[], candidate: CandidateFeatures): number[] {
  return features.map((feature) => {
    const value = candidate[feature];
    if (value === null) throw new WinnowError("BadInput", "this calibration needs the reranker's logit, but got none");
    return value;
  });
}

/**
 * Platt scaling (Platt 1999) of top passages, with his smoothed targets. Rejects a slope that would reverse the order.
 */
function fitTop(draft: Calibration, questions: CalibrationQuestion[], top: "first" | "best"): Calibration["top"] {
  const tops = questions
    .filter((question) => question.candidates.length > 0)
    .map((question) => {
      const scored = question.candidates.map((c) => ({ score: scoreOf(draft, c), relevant: c.relevant }));
      return top === "first" ? scored[0]! : scored.reduce((a, b) => (b.score > a.score ? b : a));
    });
  const positives = tops.filter((t) => t.relevant).length;
  const negatives = tops.length - positives;
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (negatives + 2);
  const fit = fitLogistic(
    tops.map((t) => [t.score]),
    tops.map((t) => (t.relevant ? high : low)),
    { l2: 1e-3 },
  );
  const slope = fit.weights[0] ?? 1;
  if (slope > 1e-3) return { slope, intercept: fit.bias };
  const rate = (positives + 1) / (tops.length + 2);
  return { slope: 1e-3, intercept: Math.log(rate / (1 - rate)) };
}

function average(values: number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / Math.max(1, values.length);
}
