import {
  type CalibrationUse,
  type Criterion,
  type EvaluationSummary,
  METRICS,
  type PairedDifference,
} from "../../contracts/evaluation.ts";
import type { LabelEffect } from "../../contracts/labels.ts";
import { ROWS } from "../../contracts/ladderRows.ts";
import type { Ranking } from "../../contracts/passage.ts";
import type { AbstentionDetails } from "../judging/abstention.ts";
import { describeAsked } from "../judging/askedFalseAnswers.ts";
import type { Assessment } from "../judging/assess.ts";
import { chooseFreshRanking } from "../judging/gate.ts";
import { NEAR_TOPIC, OFF_TOPIC } from "../judging/question.ts";
import type { RecallCurve } from "../judging/recallByDepth.ts";
import { beforeSection, type ReleaseBefore } from "./beforeSection.ts";
import { changesSection } from "./changesSection.ts";
import { COLORS, ladderChart, relevanceHistogram, reliabilityChart } from "./charts.ts";
import { headSection, type ReportSubject } from "./headSection.ts";
import { pagesSection, questionSections } from "./questionSections.ts";
import { recallChart } from "./recallChart.ts";
import { escapeHtml, fold, page, picture, section, table } from "./reportHtml.ts";
import type { ReportQuestion } from "./reportQuestion.ts";
import { type TrainingCurve, trainingChart } from "./trainingCurve.ts";
import { votesSection } from "./votesSection.ts";

export interface ReportInput {
  subject: ReportSubject;
  assessment: Assessment;
  /** Every question of the set, in its order. */
  questions: ReportQuestion[];
  /** Facts of the run for the top of the page: `["Passages", "5,120"]`. */
  facts: [string, string][];
  recall: RecallCurve[];
  /** The release that served before, by its own evaluation; null if there is none. */
  before: ReleaseBefore | null;
  /** How the passages of accepted votes were ranked before and after. Default: there are none. */
  votes?: readonly LabelEffect[];
  /** The training of the reranker; null without a reranker or its training report. */
  training: TrainingCurve | null;
}

/**
 * Renders the evaluation as one self-contained HTML page without scripts or external resources, with every text
 * escaped. Words and questions come first, then the figures. Figures on generated questions are folded.
 */
export function renderReport(input: ReportInput): string {
  const { subject, assessment, questions, facts } = input;
  const figures = [
    verdictSection(assessment),
    ladderSection(assessment),
    changesSection(assessment.runs, assessment.ranking),
    pairedSection(assessment.summary.paired),
    recallSection(input),
    abstentionSection(input),
  ];
  const head = headSection(subject, assessment, questions, facts);
  const end = [votesSection(input.votes ?? []), trainingSection(input.training), methodSection(assessment)];
  if (assessment.summary.source === "generated")
    return page(TITLE, [head, generatedSection(assessment.summary, figures, questionSections(questions)), ...end]);
  const people = [questionSections(questions), pagesSection(questions), beforeSection(input.before, questions)];
  return page(TITLE, [head, ...people, ...figures, ...end]);
}

const TITLE = "Winnow evaluation";

/** Everything that was measured on generated questions, folded. */
function generatedSection({ allPages }: EvaluationSummary, figures: readonly string[], questions: string): string {
  const from = allPages ? "from all pages, as no page could be held out" : "from pages kept out of training";
  const note = `<p>These questions were made ${from}. They repeat the docs' words, so every figure
is optimistic. The gate uses them to compare releases with each other.</p>`;
  const shown = [...figures, questions].filter((part) => part !== "");
  return `<section class="banner">${fold("generated", "Figures on generated questions, for the gate", false, note, ...shown)}</section>`;
}

function trainingSection(training: TrainingCurve | null): string {
  if (!training || training.losses.length === 0) return "";
  const on = training.data ? `On ${escapeHtml(training.data)}. ` : "";
  const note = `${on}Validation uses the same kind of questions, from pages kept out of training, so its figures are optimistic.`;
  return section(
    "How the reranker was trained",
    `<p class="muted">${note}</p>`,
    picture(trainingChart(training), "Training loss and validation nDCG@10 by step"),
  );
}

/** The gate's first question: is the reranker worth serving? */
function verdictSection(assessment: Assessment): string {
  if (assessment.summary.calibration !== "out-of-fold") return "";
  const { ranking, criteria } = chooseFreshRanking(assessment.evidence);
  const answer = ranking === "reranked" ? '<b class="ok">Yes</b>.' : '<b class="no">No</b>: retrieval serves.';
  return section("Does the reranker earn its place?", `<p>${answer}</p>`, criteriaTable(criteria));
}

function criteriaTable(criteria: readonly Criterion[]): string {
  const rows = criteria.map(({ name, passed, detail }) => ({
    cells: [
      escapeHtml(name),
      passed ? '<span class="ok">passed</span>' : '<span class="no">failed</span>',
      escapeHtml(detail),
    ],
  }));
  return table(["criterion", "", "numbers"], rows);
}

function ladderSection({ summary, ranking }: Assessment): string {
  const highlight = servedRow(ranking);
  const rows = summary.ladder.map(({ name, metrics }) => ({
    mark: name === highlight ? "best" : undefined,
    cells: [
      escapeHtml(name) + (name === highlight ? " <small>serves</small>" : ""),
      ...METRICS.map((metric) => {
        const { value, low, high } = metrics[metric];
        return `${value.toFixed(3)} <small>${low.toFixed(3)}–${high.toFixed(3)}</small>`;
      }),
    ],
  }));
  const chart = picture(ladderChart(summary.ladder, "ndcg@10", highlight), "nDCG@10 of each row with its interval");
  return section("Ladder", chart, table(["", ...METRICS], rows));
}

function servedRow(ranking: Ranking) {
  return ranking === "reranked" ? ROWS.served : ROWS.retrieval;
}

/** Depths whose recall is shown as numbers. */
const DEPTHS = [1, 3, 5, 10, 20, 30];

function recallSection({ recall, assessment }: ReportInput): string {
  if (recall.length === 0) return "";
  const serves = servedRow(assessment.ranking);
  const depths = DEPTHS.filter((depth) => depth <= recall[0]!.at.length);
  const rows = recall.map(({ name, at }) => ({
    mark: name === serves ? "best" : undefined,
    cells: [escapeHtml(name), ...depths.map((depth) => at[depth - 1]!.toFixed(3))],
  }));
  return section(
    "Recall by depth",
    '<p class="muted">Share of the judged evidence among the first passages of each ranking.</p>',
    picture(recallChart(recall, serves), "Recall of each ranking by the number of passages"),
    table(["passages", ...depths.map(String)], rows),
  );
}

function pairedSection(paired: readonly PairedDifference[]): string {
  const metrics = METRICS.filter((metric) => paired.some((p) => p.metric === metric));
  const pairs = [...new Set(paired.map((p) => `${p.a} − ${p.b}`))];
  const rows = pairs.map((pair) => ({
    cells: [
      escapeHtml(pair),
      ...metrics.map((metric) => {
        const found = paired.find((p) => p.metric === metric && `${p.a} − ${p.b}` === pair);
        return found ? differenceCell(found) : "–";
      }),
    ],
  }));
  const note = '<p class="muted">The same questions under both rows; coloured where the interval excludes 0.</p>';
  return section("Paired differences", note, table(["", ...metrics], rows));
}

function differenceCell({ difference, low, high }: PairedDifference): string {
  const sure = low > 0 ? "gain" : high < 0 ? "loss" : "";
  return `<span class="${sure}">${signed(difference)} <small>${signed(low)} to ${signed(high)}</small></span>`;
}

function abstentionSection({ assessment }: ReportInput): string {
  const { retrieval, reranked } = assessment.abstention;
  const columns = [retrieval, reranked].filter((d): d is AbstentionDetails => d !== null);
  const names = [retrieval ? "retrieval" : "", reranked ? "reranked" : ""].filter((name) => name !== "");
  const line = (name: string, value: (d: AbstentionDetails) => string) => ({ cells: [name, ...columns.map(value)] });
  const standIns = columns.some(({ counts }) => counts.pageRemoved > 0);
  const unanswerable = standIns
    ? "false answers: answered with its judged pages removed (the set has no unanswerable question; other pages may answer)"
    : "false answers: share answered of questions that the docs do not answer";
  const rows = [
    line(unanswerable, (d) => percent(d.falseAnswerRate)),
    line("false refusals: share refused of questions with a judged passage retrieved", (d) =>
      percent(d.falseRefusalRate),
    ),
    line("not sure: share of all questions between the two limits", (d) => percent(d.unsure?.rate ?? null)),
    line("false answers above both limits", (d) => percent(d.unsure?.falseAnswerRate ?? null)),
    line("false refusals below both limits", (d) => percent(d.unsure?.falseRefusalRate ?? null)),
    line("wrong evidence: share of answerable questions whose answer uses no judged passage", (d) =>
      percent(d.wrongEvidenceRate),
    ),
    line("share of answerable questions whose answer uses an unjudged passage first", (d) => percent(d.wrongFirstRate)),
    line("AUROC, answerable against near-topic (0.5 is chance)", (d) => figure(d.aurocNear)),
    line("AUROC, answerable against off-topic", (d) => figure(d.aurocOffTopic)),
    ...(standIns
      ? [line("AUROC, answerable against the same question with its page removed", (d) => figure(d.aurocPageRemoved))]
      : []),
    line("threshold on P(relevant)", (d) => d.threshold.toFixed(3)),
    line("limits: refused below, answered from", (d) => `${d.limits.refuse.toFixed(3)}, ${d.limits.answer.toFixed(3)}`),
    line(
      "ECE: gap between the first passage's P(relevant) and its observed frequency",
      (d) => `${figure(d.ece)} <small>n = ${d.n}</small>`,
    ),
    line("Brier skill of that P(relevant) over the base rate (1 is perfect)", (d) => figure(d.brierSkill)),
  ];
  const pictures = `<div class="pair">${reliabilityPicture(assessment)}${scoresPicture(assessment)}</div>`;
  const { askedFalseAnswers: asked } = assessment.summary;
  const note = asked ? `<p class="muted">Threshold: ${describeAsked(asked)}.</p>` : "";
  return section("Knowing when not to answer", note, table(["", ...names], rows), pictures);
}

function reliabilityPicture({ abstention }: Assessment): string {
  const curves = (["retrieval", "reranked"] as const).flatMap((name) => {
    const details = abstention[name];
    return details ? [{ name, color: COLORS[name], bins: details.reliability }] : [];
  });
  return picture(reliabilityChart(curves), "Reliability curve of the first passage's relevance");
}

function scoresPicture({ served, ranking }: Assessment): string {
  const shown = served[ranking] ?? served.retrieval!;
  const of = (test: (kind: string, answerable: boolean) => boolean) =>
    shown.questions.filter((q) => test(q.kind, q.answerable)).map((q) => q.best);
  const kinds = [
    { name: "off-topic", color: COLORS.offTopic, values: of((kind) => kind === OFF_TOPIC) },
    { name: "near-topic", color: COLORS.near, values: of((kind) => kind === NEAR_TOPIC) },
    {
      name: "no answer",
      color: COLORS.retrieval,
      values: of((kind, answerable) => !answerable && kind !== OFF_TOPIC && kind !== NEAR_TOPIC),
    },
    { name: "answerable", color: COLORS.reranked, values: of((_, answerable) => answerable) },
  ].filter((kind) => kind.values.length > 0);
  return picture(
    relevanceHistogram(kinds, shown.calibration.threshold),
    `Highest relevance of the questions of each kind, with the threshold, ${ranking}`,
  );
}

const CALIBRATION_NOTES: Record<CalibrationUse, string> = {
  "out-of-fold":
    "Calibration and threshold were fitted out of fold: each question is predicted by a model that never saw it (5 folds).",
  frozen: "The release's own calibration and threshold were applied unchanged; nothing was fitted on these questions.",
  "in-sample":
    "The release's own calibration and threshold were applied unchanged. They were fitted on these very questions, so the calibrated rows and the abstention figures are optimistic. The release's own report shows them out of fold.",
};

function methodSection({ summary }: Assessment): string {
  return section(
    "How this was measured",
    `<p>nDCG uses gain 2^grade − 1 and counts evidence that retrieval missed as missed. A judgment is satisfied once, by the first
passage that contains its evidence. All rerankers order the same 30 candidates of retrieval. Intervals are 95 %
percentile bootstrap intervals over questions. ${CALIBRATION_NOTES[summary.calibration]}</p>`,
  );
}

function signed(x: number): string {
  return `${x >= 0 ? "+" : "−"}${Math.abs(x).toFixed(3)}`;
}

function figure(x: number | null): string {
  return x === null ? "–" : x.toFixed(3);
}

function percent(x: number | null): string {
  return x === null ? "–" : `${(100 * x).toFixed(1)} %`;
}
