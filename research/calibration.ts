/**
 * The value of the untrained reranker on several docs, by the weight of its logit beside retrieval. It also shows how
 * well P(relevant) separates the questions to refuse, by the serving threshold and by the cut with the fewest errors:
 *   npm run bench:calibration -- --set NAME=DOCS=QUESTIONS [--set ...]
 * Nothing is trained, and logits are float32. The rest is the pipeline's own, with every fit out of fold. Scores are
 * kept in WINNOW_HOME, so a second run takes seconds.
 */
import { cpus } from "node:os";
import { withError } from "../bench/figures.ts";
import { table } from "../cli/table.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { ROWS } from "../contracts/ladderRows.ts";
import { deviation, mean } from "../core/base/statistics.ts";
import { abstentionDetails } from "../core/judging/abstention.ts";
import { outOfFold } from "../core/judging/folds.ts";
import { type LadderRun, retrievalRuns, servedRun } from "../core/judging/ladder.ts";
import { orderScores } from "../core/judging/ordering.ts";
import { descending, type ScoredQuestion } from "../core/judging/scored.ts";
import { type Served, type ServedQuestion, serveOutOfFold } from "../core/judging/served.ts";
import { type AbstentionRates, abstentionRates, chooseThreshold } from "../core/judging/threshold.ts";
import { openEmbedder } from "../core/models/families/index.ts";
import { embedderDir } from "../core/models/locate.ts";
import { givenSets, scoredSet } from "./scoredSets.ts";

/** Weights of the logit relative to the fused score, both scaled by their spread within a question. */
const WEIGHTS = [0, 0.1, 0.3, 0.6, 0.8, 1, 1.5];

/** Number of random divisions of each set into folds, for comparing two thresholds. */
const DIVISIONS = 10;
/** Threshold rules for questions of people, and for questions made from the docs. */
const RULES = ["smoothed", "best cut"] as const;
type RuleName = (typeof RULES)[number];

const sets = givenSets("bench:calibration");
const config = readCliConfig(process.env);
const modelDir = embedderDir(config.cache);
const embedder = await openEmbedder(modelDir);

const ndcgs = ({ perQuestion }: LadderRun) => perQuestion.map((metrics) => metrics["ndcg@10"]);
const show = (value: number | null, digits = 3) => value?.toFixed(digits) ?? "n/a";
const percent = (share: number | null) => (share === null ? "n/a" : `${Math.round(100 * share)} %`);

/** Standard deviation of a score within questions. */
function spread(questions: ScoredQuestion[], scoresOf: (question: ScoredQuestion) => number[]): number {
  return deviation(
    questions.flatMap((question) => {
      const scores = scoresOf(question);
      return scores.map((score) => score - mean(scores));
    }),
  );
}

/** nDCG@10 of each question at each weight, and at the weight fitted out of fold. */
function ordersOf(questions: ScoredQuestion[]): number[][] {
  const answerable = questions.filter((question) => question.answerable);
  const fused = spread(answerable, ({ candidates }) => candidates.map((candidate) => candidate.fused));
  const logit = spread(answerable, ({ logits }) => logits.untrained!);
  const byWeight = WEIGHTS.map((weight) => {
    const order = (question: ScoredQuestion) =>
      descending(orderScores(question, "untrained", (weight * fused) / logit));
    const served = answerable.map((question) => ({ order: order(question) }));
    return ndcgs(servedRun(ROWS.untrainedCalibrated, answerable, served));
  });
  const fitted = servedRun(ROWS.untrainedCalibrated, questions, serveOutOfFold(questions, "untrained").questions);
  return [...byWeight, ndcgs(fitted)];
}

/** Mean gain over weight 0, with its standard error. */
function gain(values: number[], before: number[]): string {
  return withError(values.map((value, at) => value - before[at]!));
}

function refusalRow(name: string, served: Served): string[] {
  const { aurocNear, aurocOffTopic, falseAnswerRate, falseRefusalRate, wrongEvidenceRate, ece } =
    abstentionDetails(served);
  const rates = [falseAnswerRate, falseRefusalRate, wrongEvidenceRate].map(percent);
  return [name, served.ranking, show(aurocNear), show(aurocOffTopic), ...rates, show(ece, 2)];
}

/** Rates at thresholds chosen on the other folds, one per division. */
function ratesBy(questions: ScoredQuestion[], role: "untrained" | null): Record<RuleName, AbstentionRates[]> {
  const divisions = Array.from({ length: DIVISIONS }, (_, division) => {
    const divided = questions.map((question) => ({ ...question, id: `${question.id} ${division}` }));
    return serveOutOfFold(divided, role).questions;
  });
  const bestCut = (rest: readonly ServedQuestion[]) => chooseThreshold(rest, { source: "generated" });
  return {
    smoothed: divisions.map((served) => abstentionRates(served, ({ threshold }) => threshold)),
    "best cut": divisions.map((served) => {
      const cuts = outOfFold(served, bestCut, (cut, question) => ({ ...question, threshold: cut }));
      return abstentionRates(cuts, ({ threshold }) => threshold);
    }),
  };
}

function ruleCells(found: AbstentionRates[]): string {
  const answers = mean(found.map(({ falseAnswerRate }) => falseAnswerRate!));
  const refusals = mean(found.map(({ falseRefusalRate }) => falseRefusalRate!));
  return [answers, refusals, answers + refusals].map((rate) => (100 * rate).toFixed(1)).join(" / ");
}

const orders: string[][] = [];
const refusals: string[][] = [];
const thresholds: Record<"retrieval" | "reranked", Record<RuleName, AbstentionRates[]>[]> = {
  retrieval: [],
  reranked: [],
};
const together: number[][] = [];
for (const set of sets) {
  const tasks = await scoredSet(set, { embedder, modelDir, home: config.home });
  const questions = tasks.map(({ question }) => question);
  const found = ordersOf(questions);
  const retrieval = retrievalRuns(questions).filter(({ name }) => name === ROWS.rrf || name === ROWS.feedback);
  const cells = [...retrieval.map(ndcgs), ...found].map((values) => show(mean(values)));
  orders.push([set.name, String(found[0]!.length), ...cells, gain(found.at(-1)!, found[0]!)]);
  for (const [at, values] of found.entries()) together[at] = [...(together[at] ?? []), ...values];
  for (const role of [null, "untrained"] as const) {
    refusals.push(refusalRow(set.name, serveOutOfFold(questions, role)));
    thresholds[role === null ? "retrieval" : "reranked"].push(ratesBy(questions, role));
  }
}
await embedder.close();
const all = together.map((values, at) => (at === 0 ? "" : gain(values, together[0]!)));
orders.push(["all, minus 0", String(together[0]!.length), "", "", ...all, ""]);
console.log(`${cpus().length} x ${cpus()[0]!.model}, ${new Date().toISOString().slice(0, 10)}\n`);
console.log("nDCG@10 by weight of the logit\n");
console.log(table(["docs", "questions", "RRF", "feedback", ...WEIGHTS.map(String), "fitted", "fitted - 0"], orders));
console.log("\nRefusals, out of fold\n");
const rates = ["false answers", "false refusals", "wrong evidence"];
console.log(table(["docs", "order", "AUROC near", "off-topic", ...rates, "ECE"], refusals));

console.log(`\nThresholds chosen out of fold, ${DIVISIONS} divisions: false answers / false refusals / both, %\n`);
const names = [...sets.map(({ name }) => name), "mean"];
const rows = names.map((name, at) => [
  name,
  ...Object.values(thresholds).flatMap((found) => {
    const own = name === "mean" ? found : [found[at]!];
    return RULES.map((rule) => ruleCells(own.flatMap((rates) => rates[rule])));
  }),
]);
const columns = Object.keys(thresholds).flatMap((order) => RULES.map((rule) => `${order}, ${rule}`));
console.log(table(["docs", ...columns], rows));
