import type { AskResult, Citation, UnsupportedSentence } from "../contracts/ask.ts";
import type {
  AbstentionReport,
  EvaluationSummary,
  GateDecision,
  LadderRow,
  PairedDifference,
} from "../contracts/evaluation.ts";
import { ROWS } from "../contracts/ladderRows.ts";
import type { Ranking, SearchResult } from "../contracts/passage.ts";
import type { StageReport } from "../contracts/pipeline.ts";
import { titleOf } from "../core/answering/modes/index.ts";
import { describeAsked } from "../core/judging/askedFalseAnswers.ts";

/** Formats a table. Columns are as wide as their widest cell, and numbers are right-aligned. */
export function table(header: string[], rows: string[][]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        /^[-+]?\d|^n\/a$/.test(cell) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join("  ");
  return [line(header), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)]
    .map((l) => l.trimEnd())
    .join("\n");
}

function number(value: number | null, digits = 3): string {
  return value === null ? "n/a" : value.toFixed(digits);
}

/** Rows of the ladder that are shown by default. */
export const MAIN_ROWS: readonly string[] = [ROWS.bm25, ROWS.rrf, ROWS.retrieval, ROWS.served];

export interface EvaluationView {
  /** Every row of the ladder, and every paired difference. */
  all?: boolean;
  /** Order that the release serves. With `retrieval`, the rows show that the reranker was left out. */
  ranking?: Ranking;
}

/** Formats the ladder with intervals, the paired differences, and the rates of abstention. */
export function renderEvaluation(evaluation: EvaluationSummary, { all = false, ranking }: EvaluationView = {}): string {
  const origin =
    evaluation.source === "judged"
      ? `${evaluation.questions} judged questions`
      : `${evaluation.questions} questions generated on held-out pages (optimistic: no question set was given)`;
  const stale = evaluation.stale > 0 ? `, ${evaluation.stale} stale ones left out` : "";
  const shown = (name: string) => all || MAIN_ROWS.includes(name);
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
    `Evaluated on ${origin}${stale}`,
    "",
    ...ladderLines(evaluation.ladder, shown, ranking),
    "",
    ...pairedLines(evaluation.paired, shown),
    ...abstention,
    ...asked,
    ...optimistic,
    ...int8,
  ].join("\n");
}

function ladderLines(ladder: LadderRow[], shown: (name: string) => boolean, ranking?: Ranking): string[] {
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
  );
  return hidden > 0 ? [lines, `${hidden} more ${hidden === 1 ? "row" : "rows"} with --all`] : [lines];
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
  const { falseAnswerRate, falseRefusalRate, wrongEvidenceRate, aurocNear, aurocOffTopic, ece, brierSkill, n } =
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
    `  AUROC near-topic ${number(aurocNear, 2)}, off-topic ${number(aurocOffTopic, 2)}: how often an answerable question scores above an unanswerable one of that kind (0.5 is chance)`,
    `  ECE ${number(ece, 2)} (n = ${n}): mean gap between the first passage's P(relevant) and how often it is relevant`,
    `  Brier skill ${number(brierSkill, 2)}: gain of P(relevant) over predicting the base rate (0 none, 1 perfect)`,
  ];
}

function percent(value: number | null): string {
  return value === null ? "n/a" : `${(100 * value).toFixed(0)} %`;
}

/** Formats the gate's verdict with one line per criterion. */
export function renderGate(gate: GateDecision): string {
  const lines = gate.criteria.map(({ name, passed, detail }) => `  ${passed ? "✔" : "✘"} ${name}: ${detail}`);
  const verdict = gate.promoted ? "promoted" : "not promoted";
  const ranking =
    gate.ranking === "reranked"
      ? "the reranker orders the answers"
      : "retrieval orders the answers, the reranker stays out";
  return [`Gate: ${verdict}; ${ranking}. ${gate.reason}`, ...lines].join("\n");
}

export function renderStage(stage: StageReport): string {
  const seconds = `${stage.seconds.toFixed(1)} s`.padStart(8);
  const what = stage.skipped ? `skipped: ${stage.why}` : `${stage.summary} (${stage.why})`;
  return `  ${stage.skipped ? "○" : "✔"} ${stage.name.padEnd(11)} ${seconds}  ${what}`;
}

const REFUSING = { threshold: "threshold", quotation: "quotation", llm: "language model" };

/** Formats the answer with its sources, and the closest passages for an abstention. */
export function renderAnswer(result: AskResult): string {
  const parts = [`${titleOf(result.kind, result.receipt.model)}:`, "", result.answer.trim(), ""];
  if (result.citations.length > 0) parts.push("Sources:", ...result.citations.map(source), "");
  if (result.unsupported.length > 0)
    parts.push("[?] Not supported by the passages:", ...result.unsupported.map(doubt), "");
  if (result.closest.length > 0) parts.push("Closest passages:", ...result.closest.map(source), "");
  const { release, corpus, ranking, threshold, refusedBy, why } = result.receipt;
  if (refusedBy !== null && why) parts.push(`Refused by the ${REFUSING[refusedBy]}: ${why}.`);
  const best = result.receipt.candidates.find((candidate) => candidate.rank.served === 1);
  const relevance = best ? `, best P(relevant) ${number(best.scores.relevance, 2)}` : "";
  parts.push(`release ${release} of ${corpus}, ranking: ${ranking}${relevance}, threshold ${number(threshold, 2)}`);
  return parts.join("\n");
}

function doubt({ sentence, reason }: UnsupportedSentence): string {
  const [first = "", ...rest] = sentence.split("\n");
  return `  - "${rest.length > 0 ? `${first} ...` : first}": ${reason}`;
}

function source(citation: Citation, position: number): string {
  return `  [${position + 1}] ${citation.heading.join(" > ")} — ${citation.url} (${citation.page}:${citation.lines[0]}-${citation.lines[1]})`;
}

/** Formats ranked passages with all their scores. */
export function renderSearch(result: SearchResult, k: number): string {
  const rows = result.passages
    .slice(0, k)
    .map((passage) => [
      `${passage.rank.served}`,
      `${passage.rank.retrieval}`,
      number(passage.scores.relevance, 2),
      number(passage.scores.logit, 2),
      number(passage.scores.cosine, 2),
      number(passage.scores.bm25, 1),
      `${passage.heading.join(" > ")} (${passage.page}:${passage.lines[0]})`,
    ]);
  const head = table(["rank", "was", "P", "logit", "cosine", "bm25", "passage"], rows);
  const verdict = result.abstain
    ? `Nothing reaches the threshold ${number(result.threshold, 2)}: ask would abstain.`
    : `Threshold ${number(result.threshold, 2)}.`;
  return `${head}\n\nrelease ${result.release}, ranking: ${result.ranking}. ${verdict}`;
}
