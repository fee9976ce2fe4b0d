import type { Estimate } from "../../contracts/evaluation.ts";
import type { CandidateFeatures } from "./calibration.ts";
import type { ResolvedJudgment } from "./relevance.ts";

/** Rerankers whose logits a question may carry. */
export type RerankerRole = "untrained" | "tuned" | "champion";

/** Reranker that a release serves with: the tuned one, or the untrained one. */
export type CandidateRole = Exclude<RerankerRole, "champion">;

export interface ScoredCandidate {
  /** Position of the passage in the corpus. */
  position: number;
  cosine: number;
  bm25Share: number;
  /** Weighted sum of cosine and BM25, which gives the retrieval order. */
  fused: number;
  /** The passage satisfies a judgment of the question. */
  relevant: boolean;
  /** The passage is on a page that a judgment names. */
  judgedPage: boolean;
}

/** Scores of a question for the ladder, the calibration and the abstention rule; no text. */
export interface ScoredQuestion {
  id: string;
  kind: string;
  answerable: boolean;
  mustPass: boolean;
  judgments: ResolvedJudgment[];
  /** Retrieval's served candidates, best first; the same for every reranker. */
  candidates: ScoredCandidate[];
  /** Positions of passages in each first-stage ranking, best first. */
  rankings: Record<"bm25" | "dense" | "rrf" | "weighted" | "feedback", number[]>;
  /** Logit of each candidate, in the candidates' order. */
  logits: Partial<Record<RerankerRole, number[]>>;
}

/** True if there are questions and the reranker scored all of them. */
export function hasLogits(questions: readonly ScoredQuestion[], role: RerankerRole): boolean {
  return questions.length > 0 && questions.every((question) => question.logits[role]);
}

/** Scores of a question's candidates in a calibration's format. */
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

/** Indices of the values, highest first. Equal values keep their order. */
export function descending(values: readonly number[]): number[] {
  return values.map((_, i) => i).sort((a, b) => values[b]! - values[a]! || a - b);
}

/** Kind of the stand-ins created by `withPageRemoved`. */
export const PAGE_REMOVED = "unanswerable-page-removed";

/**
 * A question set without unanswerable questions gives no evidence of when to refuse. So each answerable question gets a
 * stand-in with every judged page removed from its candidates. The stand-in keeps the id, so both fall into the same
 * fold.
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

/** The weights that serve, and the reason. */
export interface RerankerChoice {
  role: CandidateRole;
  /** nDCG@10 of the order served with tuned weights minus that with untrained ones; null if only one of them exists. */
  difference: Estimate | null;
  /** Requirement for tuned weights. */
  rule: string;
}
