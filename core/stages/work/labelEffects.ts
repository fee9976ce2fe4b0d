import type { LabelEffect, PassageLabel, UsedLabel } from "../../../contracts/labels.ts";
import type { Ranking } from "../../../contracts/passage.ts";
import { readCalibrations } from "../../artifacts/evaluation.ts";
import { readUsedLabels } from "../../artifacts/groups.ts";
import type { TaskContext } from "../../base/progress.ts";
import type { Assessment } from "../../judging/assess.ts";
import type { Calibrations } from "../../judging/calibration.ts";
import type { Question } from "../../judging/question.ts";
import type { RerankerRole, ScoredQuestion } from "../../judging/scored.ts";
import { serveFrozen } from "../../judging/served.ts";
import { normalisedQuestion } from "../../records/answers.ts";
import { positionOf } from "../../training/votes.ts";
import { type ScoringParts, scoreQuestions } from "./scoreQuestions.ts";

export interface LabelArgs {
  /** Accepted votes of the corpus. */
  labels: readonly PassageLabel[];
  /** Folder of the candidate's tuned reranker, or null. */
  trainDir: string | null;
  /** The champion before, and its calibrations. */
  championRanking: Ranking | null;
  championEvaluateDir?: string | null;
}

/**
 * The rank of each voted passage before and after, on the candidate's docs: in the order of the champion with its own
 * calibration, and in the order that the candidate serves. Labels whose passage is gone or changed are left out.
 */
export async function labelEffects(
  { labels, trainDir, championRanking, championEvaluateDir }: LabelArgs,
  parts: ScoringParts,
  { ranking, calibrations, summary }: Assessment,
  { signal }: Pick<TaskContext, "signal">,
): Promise<LabelEffect[]> {
  const passages = await parts.retriever.lookUp({ ids: labels.map(({ passage }) => passage) });
  const there = labels.flatMap((label) => {
    const at = positionOf(passages, label);
    return at === null ? [] : [{ label, at }];
  });
  if (there.length === 0) return [];
  const asked = questionsOf(there.map(({ label }) => label));
  const { scored } = await scoreQuestions([...asked.values()], parts, { signal, progress: () => {} });
  const used = trainDir === null ? null : await readUsedLabels(trainDir);
  const champion = championEvaluateDir ? await readCalibrations(championEvaluateDir) : null;
  const after = ordersOf(scored, ranking, summary.reranker, calibrations);
  const before = champion && championRanking ? ordersOf(scored, championRanking, "champion", champion) : null;
  return there.map(({ label, at }) => {
    const { id } = asked.get(normalisedQuestion(label.question))!;
    const { vote, question, verdict, passage, page } = label;
    const { heading, url } = passages.at(at);
    return {
      ...{ vote, question, verdict, passage, page, heading, url },
      fate: used === null || summary.reranker === "untrained" ? "no training" : fateOf(label, used),
      before: rankIn(before?.get(id), at),
      after: rankIn(after?.get(id), at),
    };
  });
}

/** A question to score for each text, in which case and white space do not count. It is never assessed. */
function questionsOf(labels: readonly PassageLabel[]): Map<string, Question> {
  const questions = new Map<string, Question>();
  for (const { question, page } of labels) {
    const relevant = [{ path: page, heading: "", grade: 2 as const }];
    const id = `voted ${questions.size + 1}`;
    const key = normalisedQuestion(question);
    if (!questions.has(key)) questions.set(key, { id, query: question, kind: "voted", relevant, mustPass: false });
  }
  return questions;
}

/** Positions of the candidates in served order, by the question's id; null if they have no score of this reranker. */
function ordersOf(
  scored: ScoredQuestion[],
  ranking: Ranking,
  role: RerankerRole,
  { reranked, retrieval }: Calibrations,
): Map<string, number[]> | null {
  const isReranked = ranking === "reranked";
  const calibration = isReranked ? reranked : retrieval;
  if (!calibration || (isReranked && scored.some(({ logits }) => !logits[role]))) return null;
  const { asServed } = serveFrozen(scored, isReranked ? role : null, calibration);
  return new Map(
    scored.map(({ id, candidates }, at) => [id, asServed[at]!.order.map((each) => candidates[each]!.position)]),
  );
}

function rankIn(order: readonly number[] | undefined, position: number): number | null {
  const at = order?.indexOf(position) ?? -1;
  return at < 0 ? null : at + 1;
}

function fateOf({ vote, passage }: PassageLabel, used: readonly UsedLabel[]): LabelEffect["fate"] {
  return used.find((one) => one.vote === vote && one.passage === passage)?.fate ?? null;
}
