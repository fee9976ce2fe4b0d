import type { Passage } from "../../contracts/passage.ts";
import { WinnowError } from "../errors.ts";
import type { TaskContext } from "../native/task.ts";
import { quantile } from "./bootstrap.ts";
import { isAnswerable, type Question } from "./questionSet.ts";
import { createJudge, isRelevant, type ResolvedQuestion } from "./relevance.ts";
import type { RerankerRole, ScoredCandidate, ScoredQuestion } from "./scored.ts";

/** What is needed of a retriever (core/retrieval). */
export interface QuestionRetriever {
  passages: readonly Passage[];
  rankBy(
    ranking: "bm25" | "dense" | "hybrid",
    question: string,
    vector: Float32Array,
    k: number,
  ): { position: number; cosine: number; bm25Share: number }[];
}

/** What is needed of a reranker (core/reranker): raw logits in input order. */
export interface PairScorer {
  score(question: string, passages: string[]): Promise<number[]>;
}

export interface ScoringParts {
  retriever: QuestionRetriever;
  embedder: { dim: number; embed(texts: string[], context?: TaskContext): Promise<Float32Array> };
  /** Rerankers to score the same candidates with. */
  rerankers: Partial<Record<RerankerRole, PairScorer>>;
  /** What a reranker reads of a passage. */
  passageInput(passage: Passage): string;
  /** Candidates a question. */
  depth: number;
}

export interface Scoring {
  scored: ScoredQuestion[];
  /** Ids of questions excluded because their evidence is gone. */
  stale: string[];
  /** Judgments dropped from the other questions for the same reason. */
  goneJudgments: number;
  /** Time of the tuned reranker a question, in milliseconds; `null` without one. */
  latency: { p50: number; p95: number } | null;
}

/**
 * Retrieves and scores the candidates of every question that is not stale. Throws `Cancelled` between questions when
 * told to stop.
 */
export async function scoreQuestions(
  questions: readonly Question[],
  parts: ScoringParts,
  context: TaskContext,
): Promise<Scoring> {
  const judge = createJudge(parts.retriever.passages);
  const resolved = questions.map((question) => ({ question, resolved: judge.resolve(question) }));
  const live = resolved.filter((item) => !item.resolved.stale);
  const unreported = { signal: context.signal, progress: () => {} };
  const queries = live.map((item) => item.question.query);
  const vectors = await parts.embedder.embed(queries, unreported);
  const scored: ScoredQuestion[] = [];
  const times: number[] = [];
  for (const [i, item] of live.entries()) {
    if (context.signal.aborted) throw new WinnowError("Cancelled", "evaluation was cancelled");
    const vector = vectors.subarray(i * parts.embedder.dim, (i + 1) * parts.embedder.dim);
    const question = retrieveQuestion(item, parts, vector);
    question.logits = await scoreCandidates(item.question.query, question.candidates, parts, times);
    scored.push(question);
    context.progress({ step: i + 1, of: live.length, note: `questions scored: ${i + 1} of ${live.length}` });
  }
  return {
    scored,
    stale: resolved.filter((item) => item.resolved.stale).map((item) => item.question.id),
    goneJudgments: live.reduce((sum, item) => sum + item.resolved.gone, 0),
    latency: latencyOf(times),
  };
}

function retrieveQuestion(
  { question, resolved: { judgments } }: { question: Question; resolved: ResolvedQuestion },
  { retriever, depth }: ScoringParts,
  vector: Float32Array,
): ScoredQuestion {
  const rank = (by: "bm25" | "dense" | "hybrid") => retriever.rankBy(by, question.query, vector, depth);
  const judgedPages = new Set(question.relevant.map((judgment) => judgment.path));
  return {
    id: question.id,
    kind: question.kind,
    answerable: isAnswerable(question),
    mustPass: question.mustPass,
    judgments,
    candidates: rank("hybrid").map(({ position, cosine, bm25Share }) => ({
      position,
      cosine,
      bm25Share,
      relevant: isRelevant(judgments, position),
      judgedPage: judgedPages.has(retriever.passages[position]!.page),
    })),
    rankings: { bm25: rank("bm25").map((c) => c.position), dense: rank("dense").map((c) => c.position) },
    logits: {},
  };
}

/** Logits of the same candidates by each reranker; `times` gains the tuned one's milliseconds. */
async function scoreCandidates(
  query: string,
  candidates: ScoredCandidate[],
  { rerankers, retriever, passageInput }: ScoringParts,
  times: number[],
): Promise<ScoredQuestion["logits"]> {
  const inputs = candidates.map((c) => passageInput(retriever.passages[c.position]!));
  const logits: ScoredQuestion["logits"] = {};
  for (const role of ["tuned", "base", "champion"] as const) {
    const reranker = rerankers[role];
    if (!reranker) continue;
    const start = performance.now();
    logits[role] = inputs.length > 0 ? await reranker.score(query, inputs) : [];
    if (role === "tuned" && inputs.length > 0) times.push(performance.now() - start);
  }
  return logits;
}

function latencyOf(times: number[]): Scoring["latency"] {
  if (times.length === 0) return null;
  const sorted = [...times].sort((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) };
}
