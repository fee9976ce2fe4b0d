import { WinnowError } from "../base/errors.ts";
import { type Calibration, relevanceOf } from "../judging/calibration.ts";
import { sigmoid } from "../judging/logistic.ts";
import type { Reranker } from "../models/crossEncoder.ts";

export interface RerankScore {
  /** Position in the input, from 0. */
  index: number;
  logit: number;
  /** P(relevant) from the logit alone, 0..1. */
  probability: number;
  /** Tokens that the reranker read of question and passage, special ones included. */
  tokens: number;
  /** True if the reranker read only the beginning of the passage. */
  truncated: boolean;
}

export interface RerankedLines {
  /** Best first. */
  scores: RerankScore[];
  /** True if the reranker read only the beginning of the question. */
  questionTruncated: boolean;
}

/** @param calibration on the logit alone; if `null`, the probability is the logit's sigmoid */
export async function scoreLines(
  reranker: Pick<Reranker, "score" | "extent">,
  calibration: Calibration | null,
  question: string,
  passages: readonly string[],
): Promise<RerankedLines> {
  const { questionCut, pairs } = reranker.extent(question, passages);
  const logits = await reranker.score(question, passages);
  const probability = (logit: number) =>
    calibration ? relevanceOf(calibration, { logit, cosine: 0, bm25Share: 0 }) : sigmoid(logit);
  const scores = logits.map((logit, index) => {
    const { tokens, cut } = pairs[index]!;
    return { index, logit, probability: probability(logit), tokens, truncated: cut };
  });
  return { scores: bestFirst(scores), questionTruncated: questionCut };
}

/** Sorts by logit; ties stay in input order. */
export function bestFirst(scores: readonly RerankScore[]): RerankScore[] {
  return [...scores].sort((a, b) => b.logit - a.logit || a.index - b.index);
}

/** The failure of reranking by a release that has no reranker. */
export function noReranker(release: string): WinnowError {
  return new WinnowError(
    "BadInput",
    `Release ${release} is not measured yet and has no reranker. Wait until its run has ended: \`npx winnow status\`.`,
  );
}
