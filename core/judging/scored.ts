import type { Estimate } from "../../contracts/evaluation.ts";
import type { CandidateFeatures } from "./calibration.ts";
import type { ResolvedJudgment } from "./relevance.ts";

/** Rerankers whose logits a question may carry. */
export type RerankerRole = "untrained" | "tuned" | "champion";

/** Whose reranker a release serves with: the tuned one, or the untrained one. */
export type CandidateRole = Exclude<RerankerRole, "champion">;

export interface ScoredCandidate {
  /** Position of the passage in the corpus. */
  position: number;
  cosine: number;
  bm25Share: number;
  /** Cosine and BM25 by their weights: the order of retrieval. */
  fused: number;
  /** It satisfies a judgment of the question. */
  relevant: boolean;
  /** It is on a page that a judgment names. */
  judgedPage: boolean;
}

/** A question with everything the ladder, the calibration and the abstention rule need; no text. */
export interface ScoredQuestion {
  id: string;
  kind: string;
  answerable: boolean;
  mustPass: boolean;
  judgments: ResolvedJudgment[];
  /** Candidates of retrieval as it serves, best first: the same for every reranker. */
  candidates: ScoredCandidate[];
  /** Positions of passages by each first-stage ranking alone, best first. */
  rankings: Record<"bm25" | "dense" | "rrf" | "weighted" | "feedback", number[]>;
  /** Logit of each candidate, in the candidates' order. */
  logits: Partial<Record<RerankerRole, number[]>>;
}

/** True when there are questions and each was scored by that reranker. */
export function hasLogits(questions: readonly ScoredQuestion[], role: RerankerRole): boolean {
  return questions.length > 0 && questions.every((question) => question.logits[role]);
}

/** Scores of a question's candidates as a calibration reads them. */
export function featuresOf(
  question: ScoredQuestion,
  role: RerankerRole | null,
): (CandidateFeatures & { relevant: boolean })[] {
  const logits = role === null ? undefined : question.logits[role];
  return question.candidates.map(({ cosine, bm25Share, relevant }, i) => ({
    logit: logits?.[i] ?? null,
    cosine,
    bm25Share,
    relevant,
  }));
}

/** Indices of the values, highest first; equal values keep their order. */
export function descending(values: readonly number[]): number[] {
  return values.map((_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
}

/** Kind of the stand-ins made by `withPageRemoved`. */
export const PAGE_REMOVED = "unanswerable-page-removed";

/**
 * A question set without unanswerable questions cannot show where to refuse. Each answerable question then stands in
 * once more with every judged page taken out of its candidates. It keeps its id, so both fall into the same fold.
 */
export function withPageRemoved(questions: readonly ScoredQuestion[]): ScoredQuestion[] {
  if (questions.some((q) => !q.answerable)) return [...questions];
  return [...questions, ...questions.map(removePages)];
}

function removePages(question: ScoredQuestion): ScoredQuestion {
  const keep = question.candidates.flatMap((c, i) => (c.judgedPage ? [] : [i]));
  const logits = Object.fromEntries(
    Object.entries(question.logits).map(([role, values]) => [role, keep.map((i) => values[i]!)]),
  );
  return {
    ...question,
    kind: PAGE_REMOVED,
    answerable: false,
    mustPass: false,
    judgments: [],
    candidates: keep.map((i) => question.candidates[i]!),
    logits,
  };
}

/** Whose weights serve, and what decided it. */
export interface RerankerChoice {
  role: CandidateRole;
  /** nDCG@10 of the order served with tuned weights minus with those before training; null: only one of them is there. */
  difference: Estimate | null;
  /** What tuned weights had to show. */
  rule: string;
}
