import type { EvaluationSummary } from "../contracts/evaluation.ts";
import { ROWS } from "../contracts/ladderRows.ts";
import type { Ranking } from "../contracts/passage.ts";
import { counted, percent } from "./numbers.ts";

/** Judged questions from which on the measurement says something. */
const ENOUGH = 30;
const HOW = `give ${ENOUGH} questions with \`--questions FILE\` (\`npx winnow questions new\` helps to write them)`;

/** Shown for a release that serves before it is measured. */
export const UNMEASURED = "not measured yet: it serves by retrieval until a measured release passes the gate.";

/** The quality of the order that serves, in words. Generated questions flatter word search, so they measure nothing. */
export function qualityInWords(evaluation: EvaluationSummary | null, ranking: Ranking): string {
  if (evaluation === null) return UNMEASURED;
  const { source, questions, ladder, abstention } = evaluation;
  if (source === "generated") return `not measured: ${HOW}.`;
  const row = ladder.find(({ name }) => name === (ranking === "retrieval" ? ROWS.retrieval : ROWS.served));
  if (!row) return `not measured: the evaluation lacks the order that serves.`;
  const { "hit@1": first, "recall@30": found } = row.metrics;
  const few = questions < ENOUGH ? `, too few to rely on: ${HOW}` : "";
  const { falseAnswerRate, falseRefusalRate } = abstention.unsure ?? abstention;
  const doubtful = abstention.unsure?.rate ?? 0;
  return [
    `on ${counted(questions, "judged question")}, the first passage is right for ${percent(first.value)} and 30 passages hold ${percent(found.value)} of the right ones.`,
    falseAnswerRate === null ? "" : ` Of the questions without an answer, ${percent(falseAnswerRate)} are answered.`,
    falseRefusalRate === null ? "" : ` Of those with one, ${percent(falseRefusalRate)} are refused.`,
    doubtful === 0 ? "" : ` For ${percent(doubtful)} of all it is not sure: it says so, or lets your LLM judge first.`,
    few && ` These are ${counted(questions, "question")}${few}.`,
  ].join("");
}
