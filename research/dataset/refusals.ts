/**
 * Predicts from the scores of a question's candidates whether the docs answer it. Each project in turn is left out of
 * the fit and judged by a model of the others.
 *   npm run dataset:refusals -- --pools FOLDER --project NAME [--project ...]
 * `--pools` is the `--out` of dataset:pool. A question counts as answerable by its grades. Thresholds are chosen on the
 * fitted projects, for at most 10 % false answers.
 */
import { parseArgs } from "node:util";
import { table } from "../../cli/table.ts";
import type { Limits } from "../../contracts/passage.ts";
import { deviation, mean } from "../../core/base/statistics.ts";
import { chooseLimits, unsureRates } from "../../core/judging/limits.ts";
import { fitLogistic, sigmoid } from "../../core/judging/logistic.ts";
import { abstentionRates, auroc, chooseThreshold } from "../../core/judging/threshold.ts";
import { isAnswerableBy, type Pool, readGraded, readServed } from "./pools.ts";

/** Share of unanswerable questions that the threshold lets through on the fitted projects. */
const FALSE_ANSWERS = 0.1;

interface Asked {
  project: string;
  style: string;
  offTopic: boolean;
  answerable: boolean;
  served: Pool["served"];
  words: number;
}

type Row = (question: Asked) => number[];

const most =
  (of: "logit" | "cosine" | "bm25Share"): Row =>
  ({ served }) => [Math.max(...served.map((each) => each[of]))];
const [logit, cosine, share] = [most("logit"), most("cosine"), most("bm25Share")];
/** How far the best stands out among the served candidates. */
const lead =
  (of: "logit" | "cosine"): Row =>
  ({ served }) => {
    const values = served.map((each) => each[of]);
    return [Math.max(...values) - mean(values)];
  };
const words: Row = (question) => [Math.log(question.words)];
const all =
  (...rows: Row[]): Row =>
  (question) =>
    rows.flatMap((row) => row(question));

const FEATURES: [string, Row][] = [
  ["logit", logit],
  ["cosine", cosine],
  ["BM25 share", share],
  ["logit, cosine, BM25 share", all(logit, cosine, share)],
  ["the three, length", all(logit, cosine, share, words)],
  ["the three, length x share", all(logit, cosine, share, words, (q) => [share(q)[0]! * words(q)[0]!])],
  ["the three, leads", all(logit, cosine, share, lead("logit"), lead("cosine"))],
  ["the three, leads, length", all(logit, cosine, share, lead("logit"), lead("cosine"), words)],
];

const { values: options } = parseArgs({
  options: { pools: { type: "string" }, project: { type: "string", multiple: true } },
});
const { pools, project: projects } = options;
if (!pools || !projects || projects.length < 2) {
  console.error("dataset:refusals needs --pools FOLDER and at least two --project NAME");
  process.exit(2);
}

async function askedOf(project: string): Promise<Asked[]> {
  const servedBy = await readServed(pools!, project);
  return (await readGraded(project)).map((question) => ({
    project,
    style: question.style,
    offTopic: question.intent === "offtopic",
    answerable: isAnswerableBy(question),
    served: servedBy.get(question.id)!,
    words: question.query.trim().split(/\s+/).length,
  }));
}

interface Judgment {
  question: Asked;
  /** The model's score minus the threshold for at most `FALSE_ANSWERS`. */
  score: number;
  best: number;
  /** Chosen as a release does, on the fitted projects. */
  threshold: number;
  limits: Limits;
}

/** The model's judgment of each question left out. */
function judged(questions: Asked[], row: Row): Judgment[] {
  return projects!.flatMap((project) => {
    const others = questions.filter((question) => question.project !== project);
    const raw = others.map(row);
    const means = raw[0]!.map((_, at) => mean(raw.map((values) => values[at]!)));
    const spreads = raw[0]!.map((_, at) => deviation(raw.map((values) => values[at]!)) || 1);
    const scaled = (values: number[]) => values.map((value, at) => (value - means[at]!) / spreads[at]!);
    const model = fitLogistic(
      raw.map(scaled),
      others.map(({ answerable }) => Number(answerable)),
    );
    const scoreOf = (question: Asked) =>
      scaled(row(question)).reduce((sum, value, at) => sum + value * model.weights[at]!, model.bias);
    const refused = others.flatMap((question) => (question.answerable ? [] : [scoreOf(question)]));
    const cut = refused.sort((a, b) => b - a)[Math.floor(FALSE_ANSWERS * refused.length)]!;
    const decidable = (question: Asked) => ({ ...decidableOf(question), best: sigmoid(scoreOf(question)) });
    const threshold = chooseThreshold(others.map(decidable));
    const limits = chooseLimits(others.map(decidable), threshold);
    return questions.flatMap((question) =>
      question.project === project
        ? [{ question, score: scoreOf(question) - cut, best: sigmoid(scoreOf(question)), threshold, limits }]
        : [],
    );
  });
}

/** An answer among the graded candidates counts as retrieved: pools are made of what rankings found. */
function decidableOf({ answerable }: Asked) {
  return { id: "", answerable, retrieved: answerable };
}

type Judged = ReturnType<typeof judged>;
const scores = (found: Judged, keep: (question: Asked) => boolean) =>
  found.flatMap(({ question, score }) => (keep(question) ? [score] : []));
const percent = (values: number[], counts: (score: number) => boolean) =>
  values.length ? `${Math.round((100 * values.filter(counts).length) / values.length)} %` : "n/a";
const refusals = (found: Judged, keep: (question: Asked) => boolean = () => true) =>
  percent(
    scores(found, (question) => question.answerable && keep(question)),
    (score) => score <= 0,
  );

const questions = (await Promise.all(projects.map(askedOf))).flat();
const styles = [...new Set(questions.map(({ style }) => style))];
const results = FEATURES.map(([name, row]) => ({ name, found: judged(questions, row) }));
console.log(`${questions.length} questions, ${questions.filter(({ answerable }) => answerable).length} answerable\n`);
const rows = results.map(({ name, found }) => {
  const answerable = scores(found, (question) => question.answerable);
  const unanswerable = (keep: (question: Asked) => boolean) =>
    scores(found, (question) => !question.answerable && keep(question));
  const against = (offTopic: boolean) =>
    auroc(
      answerable,
      unanswerable((question) => question.offTopic === offTopic),
    )?.toFixed(3) ?? "n/a";
  const falseAnswers = percent(
    unanswerable(() => true),
    (score) => score > 0,
  );
  return [name, against(false), against(true), falseAnswers, refusals(found)];
});
console.log(table(["features", "AUROC not off-topic", "off-topic", "false answers", "false refusals"], rows));
console.log("\nBy one threshold and by two limits, chosen as a release does on the other projects\n");
const limited = results.map(({ name, found }) => {
  const decided = found.map(({ question, ...rest }) => ({ ...decidableOf(question), ...rest }));
  const one = abstentionRates(decided, ({ threshold }) => threshold);
  const two = unsureRates(decided)!;
  const shown = [one.falseAnswerRate, one.falseRefusalRate, two.falseAnswerRate, two.falseRefusalRate, two.rate];
  return [name, ...shown.map((rate) => `${Math.round(100 * (rate ?? 0))} %`)];
});
console.log(table(["features", "false answers", "false refusals", "by limits", "by limits", "unsure"], limited));
console.log("\nFalse refusals by style and project\n");
const columns: [string, (question: Asked) => boolean][] = [
  ...styles.map((style): [string, (question: Asked) => boolean] => [style, (question) => question.style === style]),
  ...projects.map((name): [string, (question: Asked) => boolean] => [name, ({ project }) => project === name]),
];
const byStyle = results.map(({ name, found }) => [name, ...columns.map(([, keep]) => refusals(found, keep))]);
console.log(table(["features", ...columns.map(([name]) => name)], byStyle));
