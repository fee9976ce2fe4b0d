import { type LadderRow, METRICS, type MetricName, type PairedDifference } from "../../contracts/evaluation.ts";
import { ROWS, type RowName } from "../../contracts/ladderRows.ts";
import { type BootstrapOptions, bootstrapDifference, bootstrapMean } from "./bootstrap.ts";
import { type GradedRank, questionMetrics } from "./metrics.ts";
import { rankJudgments } from "./relevance.ts";
import { descending, type RerankerRole, type ScoredQuestion } from "./scored.ts";
import type { ServedQuestion } from "./served.ts";

/** One ladder row before averaging: results of each answerable question, in the questions' order. */
export interface LadderRun {
  name: RowName;
  perQuestion: Record<MetricName, number>[];
  /** Ranks at which each question's judgments were satisfied. */
  ranks: GradedRank[][];
}

/** Pairs compared in the report, if both rows exist. */
const PAIRS: [RowName, RowName][] = [
  [ROWS.rrf, ROWS.bm25],
  [ROWS.rrf, ROWS.dense],
  [ROWS.weighted, ROWS.rrf],
  [ROWS.feedback, ROWS.weighted],
  [ROWS.retrieval, ROWS.feedback],
  [ROWS.retrieval, ROWS.rrf],
  [ROWS.tuned, ROWS.retrieval],
  [ROWS.tuned, ROWS.untrained],
  [ROWS.served, ROWS.rrf],
  [ROWS.served, ROWS.retrieval],
  [ROWS.served, ROWS.withoutLogit],
  [ROWS.served, ROWS.tuned],
  [ROWS.untrainedCalibrated, ROWS.retrieval],
  [ROWS.served, ROWS.untrainedCalibrated],
  [ROWS.tunedCalibrated, ROWS.served],
  [ROWS.served, ROWS.champion],
  [ROWS.retrieval, ROWS.champion],
];
const PAIRED_METRICS: MetricName[] = ["ndcg@10", "mrr@10", "hit@1"];

/** First-stage rankings, which need neither calibration nor reranker. */
export function retrievalRuns(questions: ScoredQuestion[]): LadderRun[] {
  return [
    run(ROWS.bm25, questions, (q) => q.rankings.bm25),
    run(ROWS.dense, questions, (q) => q.rankings.dense),
    run(ROWS.rrf, questions, (q) => q.rankings.rrf),
    run(ROWS.weighted, questions, (q) => q.rankings.weighted),
    run(ROWS.feedback, questions, (q) => q.rankings.feedback),
    run(ROWS.retrieval, questions, (q) => q.candidates.map((c) => c.position)),
  ];
}

/** Each available reranker, by its logit alone. */
export function rerankerRuns(questions: ScoredQuestion[]): LadderRun[] {
  const present = (["untrained", "tuned"] as const).filter((role) => questions.some((q) => q.logits[role]));
  return present.map((role) => run(ROWS[role], questions, (q) => byLogit(q, role)));
}

/** Row of a ranking's served order. `served` holds the same questions, in the same order. */
export function servedRun(
  name: RowName,
  questions: ScoredQuestion[],
  served: readonly Pick<ServedQuestion, "order">[],
): LadderRun {
  return orderedRun(
    name,
    questions,
    served.map((s) => s.order),
  );
}

/** Row of the candidates ordered by relevance, whatever order was served. */
export function relevanceRun(name: RowName, questions: ScoredQuestion[], served: ServedQuestion[]): LadderRun {
  return orderedRun(
    name,
    questions,
    served.map((s) => descending(s.relevance)),
  );
}

function orderedRun(name: RowName, questions: ScoredQuestion[], indices: number[][]): LadderRun {
  const orders = new Map(questions.map((q, i) => [q, indices[i]!]));
  return run(name, questions, (q) => orders.get(q)!.map((i) => q.candidates[i]!.position));
}

/** Means with their intervals. */
export function ladderRow({ name, perQuestion }: LadderRun, bootstrap: BootstrapOptions): LadderRow {
  const entries = METRICS.map((metric) => [
    metric,
    bootstrapMean(
      perQuestion.map((q) => q[metric]),
      bootstrap,
    ),
  ]);
  return { name, metrics: Object.fromEntries(entries) };
}

/** Mean differences over the same questions for every reported pair. */
export function pairedDifferences(runs: LadderRun[], bootstrap: BootstrapOptions): PairedDifference[] {
  const byName = new Map(runs.map((r) => [r.name, r]));
  return PAIRS.flatMap(([nameA, nameB]) => {
    const [a, b] = [byName.get(nameA), byName.get(nameB)];
    if (!a || !b) return [];
    return PAIRED_METRICS.map((metric) => {
      const { value, low, high } = difference(a, b, metric, bootstrap);
      return { a: nameA, b: nameB, metric, difference: value, low, high };
    });
  });
}

/** Mean of `a - b` of one metric, with its interval. */
export function difference(a: LadderRun, b: LadderRun, metric: MetricName, bootstrap: BootstrapOptions) {
  const values = (r: LadderRun) => r.perQuestion.map((q) => q[metric]);
  return bootstrapDifference(values(a), values(b), bootstrap);
}

function run(name: RowName, questions: ScoredQuestion[], order: (q: ScoredQuestion) => number[]): LadderRun {
  const answerable = questions.filter((q) => q.answerable);
  const ranks = answerable.map((q) => rankJudgments(q.judgments, order(q)));
  return { name, perQuestion: ranks.map(questionMetrics), ranks };
}

function byLogit(question: ScoredQuestion, role: RerankerRole): number[] {
  return descending(question.logits[role]!).map((i) => question.candidates[i]!.position);
}
