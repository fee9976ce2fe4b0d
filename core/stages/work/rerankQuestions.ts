import type { Int8Verdict, Precision } from "../../../contracts/evaluation.ts";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext } from "../../base/progress.ts";
import { quantile } from "../../judging/bootstrap.ts";
import { judgeTwin, type TwinScores, unusableTwin } from "../../judging/int8.ts";
import type { CandidateRole, RerankerRole, ScoredQuestion } from "../../judging/scored.ts";

/** The part of a reranker that evaluation uses: raw logits in input order. */
export interface PairScorer {
  score(question: string, passages: string[]): Promise<number[]>;
  /** Milliseconds for scoring all passages of a question, measured now or earlier; undefined if never measured here. */
  measured?(question: string): number | undefined;
}

export interface Rerankers extends Partial<Record<RerankerRole, PairScorer>> {
  /**
   * The int8 twin of the candidate, to be judged. If accepted, its logits become the candidate's. `unusable` means that
   * this processor computes it wrongly.
   */
  twin?: PairScorer | "unusable" | null;
}

/** A question with its query and the text of each candidate for the reranker. */
export interface RerankTask {
  question: ScoredQuestion;
  query: string;
  inputs: string[];
}

export interface RerankOutcome {
  /** Time per question of the candidate as served, in milliseconds; `null` without one. */
  latency: { p50: number; p95: number } | null;
  int8: Int8Verdict | null;
}

/** Questions scored in both precisions: 2,100 pairs at the depth served. */
export const JUDGED_QUESTIONS = 70;

/** The order of scoring: answerable questions come first, so that the twin is judged on them. */
export function scoringOrder<T>(items: readonly T[], answerable: (item: T) => boolean): T[] {
  return [...items].sort((a, b) => Number(answerable(b)) - Number(answerable(a)));
}

/**
 * Fills in the logits of each task's question. The candidate and its twin both score the first questions, answerable
 * ones before others. The verdict on the twin then decides which of them scores the rest and appears in the report. If
 * the tuned twin is accepted, the untrained weights score only these first questions; their own twin scores the rest.
 *
 * `candidate` is the role that may serve, `toJudge` the number of questions for the verdict. Throws `Cancelled` between
 * questions.
 */
export async function rerankQuestions(
  tasks: readonly RerankTask[],
  rerankers: Rerankers,
  context: TaskContext,
  candidate: CandidateRole = "tuned",
  toJudge = JUDGED_QUESTIONS,
): Promise<RerankOutcome> {
  const { [candidate]: own } = rerankers;
  const twin = rerankers.twin === "unusable" ? null : rerankers.twin;
  const order = scoringOrder(tasks, ({ question }) => question.answerable);
  const judged = own && twin ? order.splice(0, toJudge) : [];
  const scores: TwinScores[] = [];
  let done = 0;
  const begin = () => {
    if (context.signal.aborted) throw new WinnowError("Cancelled", "evaluation was cancelled");
  };
  const report = () => {
    done++;
    context.progress({ step: done, of: tasks.length, note: "questions scored" });
  };
  for (const task of judged) {
    begin();
    scores.push(await scoreByBoth(task, own!, twin!));
    await scoreByOthers(task, rerankers, candidate);
    report();
  }
  const int8 = judged.length > 0 ? judgeTwin(scores) : rerankers.twin === "unusable" ? unusableTwin() : null;
  const precision: Precision = int8?.accepted ? "int8" : "float32";
  judged.forEach(({ question }, i) => {
    question.logits[candidate] = scores[i]!.logits[precision];
  });
  const times = scores.flatMap(({ milliseconds }) => milliseconds[precision] ?? []);
  const others = int8?.accepted ? { ...rerankers, untrained: undefined } : rerankers;
  for (const task of order) {
    begin();
    const serving = int8?.accepted ? twin : own;
    if (serving) {
      const { logits, milliseconds } = await timed(task, serving);
      task.question.logits[candidate] = logits;
      if (task.inputs.length > 0 && milliseconds !== undefined) times.push(milliseconds);
    }
    await scoreByOthers(task, others, candidate);
    report();
  }
  return { latency: latencyOf(times), int8 };
}

async function scoreByBoth(task: RerankTask, own: PairScorer, twin: PairScorer): Promise<TwinScores> {
  const float32 = await timed(task, own);
  const int8 = await timed(task, twin);
  return {
    question: task.question,
    logits: { float32: float32.logits, int8: int8.logits },
    milliseconds: { float32: float32.milliseconds, int8: int8.milliseconds },
  };
}

async function scoreByOthers(task: RerankTask, rerankers: Rerankers, candidate: CandidateRole): Promise<void> {
  for (const role of ["tuned", "untrained", "champion"] as const) {
    const reranker = role === candidate ? undefined : rerankers[role];
    if (reranker) task.question.logits[role] = (await timed(task, reranker)).logits;
  }
}

async function timed({ query, inputs }: RerankTask, reranker: PairScorer) {
  const start = performance.now();
  const logits = inputs.length > 0 ? await reranker.score(query, inputs) : [];
  return { logits, milliseconds: reranker.measured ? reranker.measured(query) : performance.now() - start };
}

function latencyOf(times: number[]): RerankOutcome["latency"] {
  if (times.length === 0) return null;
  const sorted = [...times].sort((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95) };
}
