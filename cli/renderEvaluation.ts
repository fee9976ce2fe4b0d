import type {
  AbstentionReport,
  EvaluationSummary,
  GateDecision,
  LadderRow,
  PairedDifference,
} from "../contracts/evaluation.ts";
import { ROWS } from "../contracts/ladderRows.ts";
import type { Ranking } from "../contracts/passage.ts";
import { describeAsked } from "../core/judging/askedFalseAnswers.ts";
import { number, percent } from "./numbers.ts";
import { bold, green } from "./style.ts";
import { table } from "./table.ts";

/** Rows of the ladder that are shown by default. */
export const MAIN_ROWS: readonly string[] = [ROWS.bm25, ROWS.rrf, ROWS.retrieval, ROWS.served];

export interface EvaluationView {
  /** Every row of the ladder, and every paired difference. */
  verbose?: boolean;
  /** Order that the release serves. With `retrieval`, the rows show that the reranker was left out. */
  ranking?: Ranking;
  /** Width of the output; default: unlimited. */
  columns?: number;
}

/** Formats the ladder with intervals, the paired differences, and the rates of abstention. */
export function renderEvaluation(
  evaluation: EvaluationSummary,
  { verbose = false, ranking, columns }: EvaluationView = {},
): string {
  const origin =
    evaluation.source === "judged"
      ? `${evaluation.questions} judged questions`
      : `${evaluation.questions} questions generated on ${evaluation.allPages ? "all" : "held-out"} pages (optimistic: no question set was given)`;
  const stale = evaluation.stale > 0 ? `, ${evaluation.stale} stale ones left out` : "";
  const trained = evaluation.trained ? `, ${evaluation.trained} left out that accepted votes trained` : "";
  const shown = (name: string) => verbose || MAIN_ROWS.includes(name);
  const optimistic =
    evaluation.calibration === "in-sample"
      ? [
          "The release was calibrated on these very questions, so calibrated rows and abstention are optimistic. Its own report has out-of-fold figures.",
        ]
      : [];
  const int8 = evaluation.int8 ? [`Int8: ${evaluation.int8.detail}`] : [];
  const { askedFalseAnswers: wanted } = evaluation;
  const asked = wanted ? [`Threshold: ${describeAsked(wanted)}.`] : [];
  const abstention = abstentionLines(evaluation.abstention);
  return [
    `Evaluated on ${origin}${stale}${trained}`,
    "",
    ...ladderLines(evaluation.ladder, shown, { ranking, columns }),
    "",
    ...pairedLines(evaluation.paired, shown),
    ...abstention,
    ...asked,
    ...optimistic,
    ...int8,
  ].join("\n");
}

function ladderLines(
  ladder: LadderRow[],
  shown: (name: string) => boolean,
  { ranking, columns }: EvaluationView,
): string[] {
  const rows = ladder.filter(({ name }) => shown(name));
  const hidden = ladder.length - rows.length;
  const lines = table(
    ["ranking", "nDCG@10", "95 % interval", "MRR@10", "hit@1", "recall@30"],
    rows.map(({ name, metrics }) => {
      const ndcg = metrics["ndcg@10"];
      const rest = [metrics["mrr@10"], metrics["hit@1"], metrics["recall@30"]].map((estimate) =>
        number(estimate.value),
      );
      return [labelOf(name, ranking), number(ndcg.value), `[${number(ndcg.low)}, ${number(ndcg.high)}]`, ...rest];
    }),
    columns,
  );
  return hidden > 0 ? [lines, `${hidden} more ${hidden === 1 ? "row" : "rows"} with --verbose`] : [lines];
}

/** The row `served` has the reranker on. If a release serves without it, the labels show which row serves. */
function labelOf(name: string, ranking?: Ranking): string {
  if (ranking !== "retrieval") return name;
  return { [ROWS.retrieval]: `${name} (serves)`, [ROWS.served]: `${name} (reranker on)` }[name] ?? name;
}

function pairedLines(paired: PairedDifference[], shown: (name: string) => boolean): string[] {
  const lines = paired
    .filter(({ a, b, metric }) => metric === "ndcg@10" && shown(a) && shown(b))
    .map(({ a, b, difference, low, high }) => {
      const sign = difference >= 0 ? "+" : "";
      return `  ${a} vs ${b}: ${sign}${number(difference)} [${number(low)}, ${number(high)}]`;
    });
  return lines.length > 0 ? ["nDCG@10 differences, paired:", ...lines] : [];
}

function abstentionLines(abstention: AbstentionReport): string[] {
  const { falseAnswerRate, falseRefusalRate, wrongEvidenceRate, unsure, aurocNear, aurocOffTopic, ece, brierSkill, n } =
    abstention;
  const unanswerable = abstention.standIns
    ? "answered with the judged pages removed, as the set has no unanswerable question; other pages may hold the answer"
    : "answered although the docs hold no answer";
  const wrong =
    wrongEvidenceRate === undefined
      ? []
      : [`  wrong evidence ${percent(wrongEvidenceRate)}: answered from passages of which none is judged`];
  return [
    "Knowing when not to answer:",
    `  false answers  ${percent(falseAnswerRate)}: ${unanswerable}`,
    `  false refusals ${percent(falseRefusalRate)}: refused although a judged passage was found`,
    ...wrong,
    ...unsureLines(unsure),
    `  AUROC near-topic ${number(aurocNear, 2)}, off-topic ${number(aurocOffTopic, 2)}: how often an answerable question scores above an unanswerable one of that kind (0.5 is chance)`,
    `  ECE ${number(ece, 2)} (n = ${n}): mean gap between the first passage's P(relevant) and how often it is relevant`,
    `  Brier skill ${number(brierSkill, 2)}: gain of P(relevant) over predicting the base rate (0 none, 1 perfect)`,
  ];
}

function unsureLines(unsure: AbstentionReport["unsure"]): string[] {
  if (!unsure || unsure.rate === 0) return [];
  const { rate, falseAnswerRate, falseRefusalRate } = unsure;
  return [
    `  not sure       ${percent(rate)} of all questions, between the two limits; above both ${percent(falseAnswerRate)} false answers, below both ${percent(falseRefusalRate)} false refusals`,
  ];
}

/** Formats the gate's verdict with one line per criterion. */
export function renderGate(gate: GateDecision): string {
  const lines = gate.criteria.map(
    ({ name, passed, detail }) => `  ${passed ? green("✔") : "–"} ${bold(name)}: ${detail}`,
  );
  const verdict = gate.promoted ? "promoted" : "not promoted";
  const ranking =
    gate.ranking === "reranked"
      ? "the reranker orders the answers"
      : "retrieval orders the answers, the reranker stays out";
  return [`Gate: ${verdict}; ${ranking}. ${gate.reason}`, ...lines].join("\n");
}
