/**
 * Results of the pipeline on the Kubernetes docs by training budget, with and without `strict`, and by seed: one table,
 * followed by the whole ladder of each run.
 *   npm run eval:k8s [-- --budgets 20,90 --strict off,on --seeds 17 --docs FILE --questions FILE --written N]
 * The docs and the judged questions come from WINNOW_TEST_DATA (default ../shared). Results are kept in WINNOW_HOME
 * (default: `eval-k8s` in the cache): an interrupted run resumes, and a finished one is read again. Each setting is a
 * separate corpus, so none is compared with another's champion.
 */
import { existsSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { withInterval } from "../bench/figures.ts";
import { option } from "../bench/peer.ts";
import { runWinnow } from "../bench/runWinnow.ts";
import { renderEvaluation } from "../cli/renderEvaluation.ts";
import { table } from "../cli/table.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { projectRoot } from "../config/read.ts";
import type { EvaluationSummary, PairedDifference } from "../contracts/evaluation.ts";
import type { PipelineResult } from "../contracts/pipeline.ts";

interface Setting {
  minutes: number;
  strict: boolean;
  seed: number;
}

const data = resolve(projectRoot, process.env.WINNOW_TEST_DATA ?? "../shared");
const docs = resolve(option("docs", join(data, "data", "k8s-docs-2025-04.tar.gz")));
const questions = resolve(option("questions", join(data, "eval", "k8s-dev.jsonl")));
const written = option("written", "0");
for (const file of [docs, questions]) {
  if (existsSync(file)) continue;
  console.error(
    `${file} does not exist: set the docs with --docs, the questions with --questions, or set WINNOW_TEST_DATA`,
  );
  process.exit(2);
}
const home = process.env.WINNOW_HOME ?? join(readCliConfig(process.env).cache, "eval-k8s");
const numbers = (text: string) => text.split(",").map(Number);
const settings: Setting[] = numbers(option("budgets", "20,90")).flatMap((minutes) =>
  option("strict", "off,on")
    .split(",")
    .flatMap((strict) => numbers(option("seeds", "17")).map((seed) => ({ minutes, strict: strict === "on", seed }))),
);

function nameOf({ minutes, strict, seed }: Setting): string {
  return `${minutes} min${strict ? ", strict" : ""}, seed ${seed}`;
}

async function evaluated(setting: Setting): Promise<PipelineResult & { evaluation: EvaluationSummary }> {
  console.error(`\n${nameOf(setting)}`);
  const { minutes, strict, seed } = setting;
  const args = ["--docs", docs, "--questions", questions, "--budget", `${minutes}`, "--seed", `${seed}`];
  const corpus = `k8s-${minutes}-${strict ? "strict" : "all"}-${seed}`;
  const more = ["--name", corpus, "--written", written, ...(strict ? ["--strict"] : [])];
  const result = await runWinnow([...args, ...more], { WINNOW_HOME: home });
  const { evaluation } = result;
  if (!evaluation) throw new Error(`the run of ${nameOf(setting)} ended without an evaluation: ${result.reason}`);
  return { ...result, evaluation };
}

function rowOf(setting: Setting, { evaluation, stages, gate }: Awaited<ReturnType<typeof evaluated>>): string[] {
  const ndcg = (name: string) => {
    const row = evaluation.ladder.find((row) => row.name === name);
    return row ? row.metrics["ndcg@10"].value.toFixed(3) : "n/a";
  };
  const served = gate?.ranking === "retrieval" ? "retrieval" : "served";
  const { aurocNear, aurocOffTopic, ece, falseAnswerRate, falseRefusalRate } = evaluation.abstention;
  const abstention = [falseAnswerRate, falseRefusalRate, aurocNear, aurocOffTopic, ece];
  const steps = /(\d+) steps/.exec(stages.find(({ name }) => name === "train")?.summary ?? "")?.[1] ?? "n/a";
  return [
    nameOf(setting),
    steps,
    ndcg("untrained"),
    ndcg("tuned"),
    `${ndcg(served)} (${gate?.ranking === "retrieval" ? "retrieval" : (evaluation.reranker ?? "tuned")})`,
    difference(evaluation.paired, served, "retrieval"),
    difference(evaluation.paired, served, "retrieval"),
    evaluation.ladder.find(({ name }) => name === served)?.metrics["recall@30"].value.toFixed(3) ?? "n/a",
    ...abstention.map((value) => (value === null ? "n/a" : value.toFixed(2))),
    (stages.reduce((sum, { seconds }) => sum + seconds, 0) / 60).toFixed(0),
  ];
}

function difference(paired: PairedDifference[], a: string, b: string): string {
  const found = paired.find((pair) => pair.a === a && pair.b === b && pair.metric === "ndcg@10");
  return found ? withInterval({ ...found, value: found.difference }) : "n/a";
}

const rows: string[][] = [];
const ladders: string[] = [];
for (const setting of settings) {
  const result = await evaluated(setting);
  rows.push(rowOf(setting, result));
  ladders.push(`${nameOf(setting)}\n\n${renderEvaluation(result.evaluation, { verbose: true })}`);
}
const refusals = ["false answers", "false refusals", "AUROC near", "off-topic", "ECE"];
const gains = ["over RRF", "over retrieval", "recall@30"];
const head = ["setting", "steps", "base alone", "tuned alone", "served", ...gains, ...refusals, "minutes"];
console.log(`${cpus().length} x ${cpus()[0]!.model}, ${new Date().toISOString().slice(0, 10)}; nDCG@10, out of fold\n`);
console.log(table(head, rows));
console.log(`\n${ladders.join("\n\n")}`);
