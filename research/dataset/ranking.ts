/**
 * nDCG@10 of retrieval and of the untrained reranker on graded questions, by project and style, with the reranker's
 * weight chosen nowhere: several are shown.
 *   npm run dataset:ranking -- --pools FOLDER --project NAME [--project ...]
 * `--pools` is the `--out` of dataset:pool. Candidates that no reader saw count as irrelevant, in every order alike.
 * A grade of 3 gains 3, of 2 gains 1, as the judgments of a question set.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { withError } from "../../bench/figures.ts";
import { table } from "../../cli/table.ts";
import { readPassages } from "../../core/artifacts/passages.ts";
import { deviation, mean } from "../../core/base/statistics.ts";
import { descending } from "../../core/judging/scored.ts";
import { discounted, gainOf } from "./gains.ts";
import { isAnswerableBy, readGraded, readServed, textDigest } from "./pools.ts";

/** Weights of the logit beside the fused score, both scaled by their spread within a question. */
const WEIGHTS = [0, 0.3, 0.6, 1, 1.5];

const { values: options } = parseArgs({
  options: { pools: { type: "string" }, project: { type: "string", multiple: true } },
});
const { pools, project: projects } = options;
if (!pools || !projects) {
  console.error("dataset:ranking needs --pools FOLDER and --project NAME");
  process.exit(2);
}

interface Ranked {
  project: string;
  style: string;
  /** nDCG@10 at each weight, then by the logit alone. */
  ndcg: number[];
  /** Share of the passages of grade 3, or else 2, among the served ones. */
  recall: number;
}

function centred(values: number[]): number[] {
  const middle = mean(values);
  return values.map((value) => value - middle);
}

async function rankedOf(project: string): Promise<Ranked[]> {
  const texts = (await readPassages(join(pools!, project, "ingest"))).map(textDigest);
  const pooledBy = await readServed(pools!, project);
  const spreadOf = (of: "fused" | "logit") =>
    deviation([...pooledBy.values()].flatMap((served) => centred(served.map((each) => each[of]))));
  const [fused, logit] = [spreadOf("fused"), spreadOf("logit")];
  return (await readGraded(project)).filter(isAnswerableBy).map((question) => {
    const served = pooledBy.get(question.id)!;
    const grades = new Map(question.candidates.map(({ text, grade }) => [text, grade]));
    const gains = served.map(({ position }) => gainOf(grades.get(texts[position]!) ?? 0));
    const pooled = question.candidates.map(({ grade }) => gainOf(grade));
    const ideal = discounted([...pooled].sort((a, b) => b - a));
    const ndcgBy = (scores: number[]) => discounted(descending(scores).map((at) => gains[at]!)) / ideal;
    const ndcg = WEIGHTS.map((weight) =>
      ndcgBy(served.map((each) => each.fused / fused + (weight * each.logit) / logit)),
    );
    const found = gains.filter((gain) => gain > 0).length / pooled.filter((gain) => gain > 0).length;
    return { project, style: question.style, ndcg: [...ndcg, ndcgBy(served.map((each) => each.logit))], recall: found };
  });
}

/** Mean of the gains over weight 0, with its standard error. */
function gain(rows: Ranked[], at: number): string {
  return withError(rows.map(({ ndcg }) => ndcg[at]! - ndcg[0]!));
}

const ranked = (await Promise.all(projects.map(rankedOf))).flat();
const names = [...WEIGHTS.map((weight) => (weight === 0 ? "retrieval" : `+ ${weight}`)), "logit alone"];
const rowOf = (name: string, rows: Ranked[]) => [
  name,
  String(rows.length),
  mean(rows.map(({ recall }) => recall)).toFixed(3),
  ...names.map((_, at) => mean(rows.map(({ ndcg }) => ndcg[at]!)).toFixed(3)),
  gain(rows, WEIGHTS.indexOf(0.6)),
];
const by = (of: "project" | "style") =>
  [...new Set(ranked.map((row) => row[of]))].map((name) =>
    rowOf(
      name,
      ranked.filter((row) => row[of] === name),
    ),
  );
const head = ["", "answerable", "found", ...names, "0.6 - retrieval"];
console.log(table(head, [...by("project"), ...by("style"), rowOf("all", ranked)]));
