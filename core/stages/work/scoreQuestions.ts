import type { TaskContext } from "../../base/progress.ts";
import { windowInput } from "../../docs/windows.ts";
import { isAnswerable, type Question } from "../../judging/question.ts";
import { createJudge, isRelevant, type ResolvedQuestion } from "../../judging/relevance.ts";
import type { ScoredQuestion } from "../../judging/scored.ts";
import { type Shard, shardOf } from "../../judging/shard.ts";
import type { Embedder } from "../../models/embedder.ts";
import type { PassageBook, WantedPassages } from "../../retrieval/corpora/corpus.ts";
import type { Candidate, Found, RetrievalRanking } from "../../retrieval/retriever.ts";
import {
  JUDGED_QUESTIONS,
  type Rerankers,
  type RerankOutcome,
  type RerankTask,
  rerankQuestions,
  scoringOrder,
} from "./rerankQuestions.ts";

/** The part of a retriever (core/retrieval) that evaluation uses. */
export interface QuestionRetriever {
  lookUp(wanted: WantedPassages): Promise<PassageBook>;
  find(question: string, vector: Float32Array, k: number): Promise<Found>;
  rankBy(
    ranking: RetrievalRanking,
    found: Found,
    k: number,
  ): Promise<Pick<Candidate, "passage" | "position" | "window" | "cosine" | "bm25Share" | "fused">[]>;
}

export interface ScoringParts {
  retriever: QuestionRetriever;
  embedder: Pick<Embedder, "dim" | "embed">;
  /** Rerankers for the same candidates. */
  rerankers: Rerankers;
  /** Candidates per question. */
  depth: number;
  /** Scores only this shard of the questions, in the order of scoring. Default: all. */
  shard?: Shard;
}

export interface Scoring extends RerankOutcome {
  scored: ScoredQuestion[];
  /** The same questions with their texts, for scoring by another reranker. */
  tasks: RerankTask[];
  /** The judged pages and all candidates. */
  passages: PassageBook;
  /** Ids of questions excluded because their evidence is gone. */
  stale: string[];
  /** Judgments dropped from the other questions for the same reason. */
  goneJudgments: number;
}

/** Retrieves and scores the candidates of every question that is not stale. Throws `Cancelled` between questions. */
export async function scoreQuestions(
  questions: readonly Question[],
  parts: ScoringParts,
  context: TaskContext,
): Promise<Scoring> {
  const pages = new Set(questions.flatMap(({ relevant }) => relevant.map(({ path }) => path)));
  const passages = await parts.retriever.lookUp({ pages });
  const judge = createJudge(passages);
  const resolved = questions.map((question) => ({ question, resolved: judge.resolve(question) }));
  const live = inShard(
    resolved.filter((item) => !item.resolved.stale),
    parts.shard,
  );
  const unreported = { signal: context.signal, progress: () => {} };
  const queries = live.map((item) => item.question.query);
  const vectors = await parts.embedder.embed({ questions: queries }, unreported);
  const tasks: RerankTask[] = [];
  for (const [i, item] of live.entries()) {
    const vector = vectors.subarray(i * parts.embedder.dim, (i + 1) * parts.embedder.dim);
    const { question, served } = await retrieveQuestion(item, parts, vector);
    for (const { position, passage } of served) passages.keep(position, passage);
    const inputs = served.map(({ passage, window }) => windowInput(passage, window));
    tasks.push({ question, query: item.question.query, inputs });
  }
  const toJudge = judgedInShard(parts.shard);
  const candidate = parts.rerankers.tuned || !parts.rerankers.untrained ? "tuned" : "untrained";
  const outcome = await rerankQuestions(tasks, parts.rerankers, context, candidate, toJudge);
  return {
    scored: tasks.map(({ question }) => question),
    tasks,
    passages,
    stale: resolved.filter((item) => item.resolved.stale).map((item) => item.question.id),
    goneJudgments: live.reduce((sum, item) => sum + item.resolved.gone, 0),
    ...outcome,
  };
}

function inShard<T extends { question: Question }>(live: T[], shard: Shard | undefined): T[] {
  if (!shard) return live;
  const order = scoringOrder(live, ({ question }) => isAnswerable(question));
  return shardOf(order, shard);
}

/** Number of questions in a shard that the twin is judged on. */
function judgedInShard({ index, of }: Shard = { index: 0, of: 1 }): number {
  return Math.max(0, Math.ceil((JUDGED_QUESTIONS - index) / of));
}

async function retrieveQuestion(
  { question, resolved: { judgments } }: { question: Question; resolved: ResolvedQuestion },
  { retriever, depth }: ScoringParts,
  vector: Float32Array,
): Promise<{ question: ScoredQuestion; served: Awaited<ReturnType<QuestionRetriever["rankBy"]>> }> {
  const found = await retriever.find(question.query, vector, depth);
  const rank = (by: RetrievalRanking) => retriever.rankBy(by, found, depth);
  const positions = async (by: RetrievalRanking) => (await rank(by)).map((candidate) => candidate.position);
  const served = await rank("retrieval");
  const judgedPages = new Set(question.relevant.map((judgment) => judgment.path));
  const scored: ScoredQuestion = {
    id: question.id,
    kind: question.kind,
    answerable: isAnswerable(question),
    mustPass: question.mustPass,
    judgments,
    candidates: served.map(({ passage, position, cosine, bm25Share, fused }) => ({
      position,
      cosine,
      bm25Share,
      fused,
      relevant: isRelevant(judgments, position),
      judgedPage: judgedPages.has(passage.page),
    })),
    rankings: {
      bm25: await positions("bm25"),
      dense: await positions("dense"),
      rrf: await positions("rrf"),
      weighted: await positions("weighted"),
      feedback: await positions("feedback"),
    },
    logits: {},
  };
  return { question: scored, served };
}
