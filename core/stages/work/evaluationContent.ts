import type { LabelEffect } from "../../../contracts/labels.ts";
import type { EvaluationContent, EvaluationSettings, QuestionLine, ServedLine } from "../../artifacts/evaluation.ts";
import type { Assessment } from "../../judging/assess.ts";
import { mustPassPassed } from "../../judging/mustPass.ts";
import type { Question } from "../../judging/question.ts";
import { recallByDepth } from "../../judging/recallByDepth.ts";
import type { ReleaseBefore } from "../../report/beforeSection.ts";
import type { ReportSubject } from "../../report/headSection.ts";
import { renderReport } from "../../report/report.ts";
import type { TrainingCurve } from "../../report/trainingCurve.ts";
import { reportQuestions } from "./reportQuestions.ts";
import type { Scoring } from "./scoreQuestions.ts";

/** All results of one evaluation. */
export interface EvaluationRecord {
  assessment: Assessment;
  scoring: Scoring;
  questions: readonly Question[];
  /** Ids of the questions that were left out, because a reranker was trained on them. */
  trained: readonly string[];
  settings: EvaluationSettings;
  /** SHA-256 of the question set's file. */
  questionSet: string;
  subject: ReportSubject;
  before: ReleaseBefore | null;
  /** How accepted votes were ranked before and after. */
  votes: readonly LabelEffect[];
  /** Training curve of the reranker, if known. */
  training: TrainingCurve | null;
}

/** The content of an evaluate artifact. */
export function evaluationContent(record: EvaluationRecord): EvaluationContent {
  const { assessment, scoring, settings } = record;
  const recall = recallByDepth(assessment.runs, settings.depth);
  const questions = questionLines(record);
  return {
    evaluation: {
      ...assessment.summary,
      details: {
        evidence: assessment.evidence,
        ranking: assessment.ranking,
        abstention: assessment.abstention,
        recallByDepth: recall,
        latency: scoring.latency,
        staleQuestions: scoring.stale,
        ...(record.trained.length > 0 ? { trainedQuestions: [...record.trained] } : {}),
        goneJudgments: scoring.goneJudgments,
        settings,
        questionSet: record.questionSet,
        calibration: assessment.summary.calibration,
        ...(record.votes.length > 0 ? { votes: record.votes } : {}),
      },
    },
    calibrations: assessment.calibrations,
    questions,
    report: renderReport({
      assessment,
      facts: reportFacts(record),
      recall,
      subject: record.subject,
      questions: reportQuestions(record),
      before: record.before,
      votes: record.votes,
      training: record.training,
    }),
  };
}

function questionLines({ assessment, scoring, questions }: EvaluationRecord): QuestionLine[] {
  const { runs, served } = assessment;
  const rowOf = new Map(scoring.scored.filter((q) => q.answerable).map((q, i) => [q.id, i]));
  const indexOf = new Map(scoring.scored.map((q, i) => [q.id, i]));
  const passed = (["retrieval", "reranked"] as const).flatMap((ranking) => {
    const ranked = served[ranking];
    return ranked ? [{ ranking, ranked, ids: mustPassPassed(assessment.questions, ranked) }] : [];
  });
  return questions.map((question) => {
    const { id, kind, query, mustPass } = question;
    const index = indexOf.get(id);
    const row = rowOf.get(id);
    const servedLines = passed.map(({ ranking, ranked, ids }) => [
      ranking,
      index === undefined ? null : servedLine(index, ranked, scoring, mustPass ? ids.has(id) : null),
    ]);
    const metrics = row === undefined ? [] : runs.map((run) => [run.name, run.perQuestion[row]!]);
    return {
      id,
      kind,
      query,
      mustPass,
      stale: index === undefined,
      metrics: Object.fromEntries(metrics),
      served: index === undefined ? {} : Object.fromEntries(servedLines),
    };
  });
}

function servedLine(
  index: number,
  ranked: NonNullable<Assessment["served"]["retrieval"]>,
  scoring: Scoring,
  mustPassPassed: boolean | null,
): ServedLine {
  const { order, relevance, best, threshold, decision } = ranked.questions[index]!;
  const candidate = order[0] === undefined ? undefined : scoring.scored[index]!.candidates[order[0]];
  const passage = candidate && scoring.passages.at(candidate.position);
  const top = passage && {
    id: passage.id,
    page: passage.page,
    heading: passage.heading,
    relevance: relevance[order[0]!]!,
    relevant: candidate.relevant,
  };
  const decided = { refused: decision === "refuse", unsure: decision === "unsure" };
  return { top: top ?? null, best, threshold, ...decided, mustPassPassed };
}

function reportFacts({ scoring, settings, assessment, trained }: EvaluationRecord): [string, string][] {
  const facts: [string, string][] = [
    ["questions", assessment.summary.source],
    ["passages", scoring.passages.count.toLocaleString("en")],
    ["candidates per question", String(settings.depth)],
  ];
  if (scoring.latency)
    facts.push(["reranking time per question", `p50 ${ms(scoring.latency.p50)}, p95 ${ms(scoring.latency.p95)}`]);
  if (trained.length > 0) facts.push(["left out, nearly what an accepted vote trained", trained.join(", ")]);
  if (scoring.goneJudgments > 0) facts.push(["judgments gone from these docs", String(scoring.goneJudgments)]);
  return facts;
}

function ms(x: number): string {
  return `${Math.round(x)} ms`;
}
