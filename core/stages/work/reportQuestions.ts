import { ROWS } from "../../../contracts/ladderRows.ts";
import type { Passage, Ranking } from "../../../contracts/passage.ts";
import { evidenceSpans } from "../../answering/evidence.ts";
import { decisionIn, readEvaluation, readQuestionLines, servingLimits } from "../../artifacts/evaluation.ts";
import type { Assessment } from "../../judging/assess.ts";
import { isAnswerable, type Judgment, type Question } from "../../judging/question.ts";
import { createJudge, type Judge, rankJudgments } from "../../judging/relevance.ts";
import type { ScoredQuestion } from "../../judging/scored.ts";
import type { ServedQuestion } from "../../judging/served.ts";
import type { ReleaseBefore } from "../../report/beforeSection.ts";
import { outcomeOf, type ReportQuestion, type WantedPlace } from "../../report/reportQuestion.ts";
import type { PassageBook } from "../../retrieval/corpora/corpus.ts";
import type { Scoring } from "./scoreQuestions.ts";

/** Most characters of the first passage's words. */
const WORDS_CHARACTERS = 240;

interface Evaluated {
  assessment: Assessment;
  scoring: Scoring;
  questions: readonly Question[];
}

/** Every question as served, for the report. */
export function reportQuestions({ assessment, scoring, questions }: Evaluated): ReportQuestion[] {
  const { ranking, runs } = assessment;
  const served = assessment.served[ranking] ?? assessment.served.retrieval!;
  const { passages } = scoring;
  const judge = createJudge(passages);
  const indexOf = new Map(scoring.scored.map(({ id }, i) => [id, i]));
  const rowOf = new Map(scoring.scored.filter(({ answerable }) => answerable).map(({ id }, i) => [id, i]));
  const metrics = runs.find(({ name }) => name === rowServed(ranking))?.perQuestion ?? [];
  return questions.map((question) => {
    const { id, query, kind, mustPass } = question;
    const index = indexOf.get(id);
    const answer = index === undefined ? null : served.questions[index]!;
    const order = answer === null ? [] : orderOf(scoring.scored[index!]!, answer);
    return {
      ...{ id, query, kind, mustPass },
      outcome: answer === null ? "stale" : outcomeOf(isAnswerable(question), answer.decision, answer.used),
      wanted: question.relevant.map((judgment) => wantedPlace(question, judgment, judge, passages, order)),
      first: answer === null || order[0] === undefined ? null : firstPassage(query, passages.at(order[0]), answer),
      ndcg: metrics[rowOf.get(id) ?? -1]?.["ndcg@10"] ?? null,
    };
  });
}

/** The release before, from its own evaluation. Throws `CorruptArtifact`. */
export async function releaseBefore(release: string, evaluateDir: string, ranking: Ranking): Promise<ReleaseBefore> {
  const { source, details } = await readEvaluation(evaluateDir);
  const limits = servingLimits(details, ranking);
  const lines = source === "judged" ? await readQuestionLines(evaluateDir) : [];
  const questions = lines.flatMap(({ id, stale, metrics, served }) => {
    const line = served[ranking];
    return stale || !line
      ? []
      : [{ id, decision: decisionIn(line, limits), ndcg: metrics[rowServed(ranking)]?.["ndcg@10"] ?? null }];
  });
  return { release, questions };
}

function rowServed(ranking: Ranking): string {
  return ranking === "reranked" ? ROWS.served : ROWS.retrieval;
}

/** Positions of the candidates in served order. */
function orderOf({ candidates }: ScoredQuestion, { order }: ServedQuestion): number[] {
  return order.map((i) => candidates[i]!.position);
}

function wantedPlace(
  question: Question,
  judgment: Judgment,
  judge: Judge,
  passages: PassageBook,
  order: readonly number[],
): WantedPlace {
  const { judgments } = judge.resolve({ ...question, relevant: [judgment] });
  const [holder] = judgments[0]?.holders ?? [];
  const [ranked] = rankJudgments(judgments, order);
  const heading = judgment.heading || (holder === undefined ? "" : (passages.at(holder).heading.at(-1) ?? ""));
  const url = holder === undefined ? "" : passages.at(holder).url;
  return { page: judgment.path, heading, url, grade: judgment.grade, rank: ranked?.rank ?? null };
}

function firstPassage(query: string, passage: Passage, { top }: ServedQuestion): ReportQuestion["first"] {
  if (!top) return null;
  const [words = ""] = evidenceSpans(query, passage.text);
  return {
    page: passage.page,
    heading: passage.heading.at(-1) ?? "",
    url: passage.url,
    words: words.length <= WORDS_CHARACTERS ? words : `${words.slice(0, WORDS_CHARACTERS - 1)}…`,
    relevance: top.p,
  };
}
