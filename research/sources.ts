/**
 * Gain of each source of training questions: from the same start, one reranker per source with the same number of
 * steps, each judged on the same questions of people.
 *   npm run bench:sources -- --set NAME=DOCS=QUESTIONS [--steps 60 --variants mix,heading,link --seed 17]
 * Variants are the sources of core/training/questions/question.ts, several joined by +, and `mix`, which the pipeline
 * trains on. A trailing `!` keeps only questions whose passage retrieval does not rank first. "With retrieval" is the
 * served order, its weight fitted out of fold; logits are float32.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { signed, withInterval } from "../bench/figures.ts";
import { table } from "../cli/table.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { ROWS } from "../contracts/ladderRows.ts";
import type { TrainingGroup } from "../core/artifacts/groups.ts";
import { quietContext } from "../core/base/progress.ts";
import { seededRandom, shuffled } from "../core/base/random.ts";
import { mean } from "../core/base/statistics.ts";
import { difference, rerankerRuns, servedRun } from "../core/judging/ladder.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import type { ScoredQuestion } from "../core/judging/scored.ts";
import { serveOutOfFold } from "../core/judging/served.ts";
import { openCrossEncoder } from "../core/models/crossEncoder.ts";
import { openEmbedder } from "../core/models/families/index.ts";
import { embedderDir } from "../core/models/locate.ts";
import type { RerankTask } from "../core/stages/work/rerankQuestions.ts";
import { trainCrossEncoder } from "../core/training/loop/trainer.ts";
import { GroupBuilder, type GroupSources, openGroupSources } from "../core/training/mining/groups.ts";
import { chooseQuestions, pagesOf, withoutJudged } from "../core/training/questions/chooseQuestions.ts";
import { QUESTION_SOURCES, type TrainingQuestion } from "../core/training/questions/question.ts";
import { allQuestions } from "../core/training/questions/questions.ts";
import { openTrainingCorpus } from "../core/training/trainingCorpus.ts";
import { type DocsSet, docsSetOf, openDocs, scoredSet } from "./scoredSets.ts";

const QUESTIONS_A_STEP = 4;

const { values: options } = parseArgs({
  options: {
    set: { type: "string" },
    steps: { type: "string", default: "60" },
    variants: { type: "string", default: "mix,mix!,heading+title,link,task+condition,cloze+keywords,definition" },
    rate: { type: "string", default: "2e-5" },
    distillation: { type: "string", default: "0.5" },
    seed: { type: "string", default: "17" },
  },
});
if (!options.set) {
  console.error("bench:sources needs --set NAME=DOCS=QUESTIONS");
  process.exit(2);
}
const variants = options.variants.split(",");
const namesOf = (variant: string) => variant.replace("!", "").split("+");
const unknown = variants
  .flatMap(namesOf)
  .filter((name) => name !== "mix" && !QUESTION_SOURCES.some((source) => source === name));
if (unknown.length > 0) {
  console.error(`--variants: ${unknown.join(", ")} is not one of mix, ${QUESTION_SOURCES.join(", ")}`);
  process.exit(2);
}
const set = docsSetOf(options.set);
const [steps, seed] = [Number(options.steps), Number(options.seed)];
const config = readCliConfig(process.env);
const modelDir = embedderDir(config.cache);
const embedder = await openEmbedder(modelDir);
const parts = { embedder, modelDir, home: config.home };

type Asked = Awaited<ReturnType<typeof withoutJudged>>["train"];

/** Every training question of these docs, except those that nearly equal a judged one. */
async function askedOf({ questions }: DocsSet, { corpus }: GroupSources): Promise<{ all: Asked; mix: Asked }> {
  const judged = await loadQuestionSet(questions);
  const { splitOf } = pagesOf({ strict: false }, corpus, judged);
  const everything = allQuestions(corpus, seed);
  const train = everything.filter(({ position }) => splitOf(corpus.passages.at(position)!.page) === "train");
  const chosen = new Set(chooseQuestions({ seed }, corpus, everything, splitOf).train);
  const sample = (list: TrainingQuestion[]) => shuffled(list, seededRandom(seed)).slice(0, 1500);
  const sampled = QUESTION_SOURCES.flatMap((name) => sample(train.filter(({ source }) => source === name)));
  const wanted = new Set([...chosen, ...sampled]);
  const none = { validation: [], heldout: [] };
  const { train: all } = await withoutJudged({ train: [...wanted], ...none }, judged, embedder, quietContext());
  return { all, mix: all.filter(({ question }) => chosen.has(question)) };
}

/** Groups for one variant, as many as the steps need. */
async function groupsOf(variant: string, asked: { all: Asked; mix: Asked }, sources: GroupSources) {
  const isHard = variant.endsWith("!");
  const names = namesOf(variant);
  const of = names[0] === "mix" ? asked.mix : asked.all.filter(({ question }) => names.includes(question.source));
  const builder = new GroupBuilder(sources, () => true);
  const random = seededRandom(seed);
  const groups: TrainingGroup[] = [];
  for (const { question, vector } of shuffled(of, seededRandom(seed))) {
    if (groups.length === steps * QUESTIONS_A_STEP) break;
    const group = await builder.build(question, vector, random);
    if (group && !(isHard && group.teacher![0]! >= Math.max(...group.teacher!))) groups.push(group);
  }
  return groups;
}

/** The same questions with the logits of a reranker trained on these groups as the tuned one's. */
async function tunedOn(groups: TrainingGroup[], tasks: RerankTask[], folder: string): Promise<ScoredQuestion[]> {
  const dirs = { outDir: join(folder, "tuned"), checkpointDir: join(folder, "checkpoints") };
  const settings = { budgetMinutes: 600, maxSteps: steps, maxEpochs: steps, seed, learningRate: Number(options.rate) };
  const more = { ...settings, distillation: Number(options.distillation), validation: [] };
  await trainCrossEncoder({ baseDir: modelDir, groups, ...dirs, ...more }, quietContext());
  const reranker = await openCrossEncoder(dirs.outDir);
  const scored: ScoredQuestion[] = [];
  for (const { question, query, inputs } of tasks)
    scored.push({ ...question, logits: { ...question.logits, tuned: await reranker.score(query, inputs) } });
  await reranker.close();
  await Promise.all(Object.values(dirs).map((dir) => rm(dir, { recursive: true, force: true })));
  return scored;
}

function rowOf(variant: string, groups: number, scored: ScoredQuestion[]): string[] {
  const [base, tuned] = rerankerRuns(scored).map(({ perQuestion }) => mean(perQuestion.map((q) => q["ndcg@10"])));
  const runOf = (role: "untrained" | "tuned") => servedRun(ROWS.served, scored, serveOutOfFold(scored, role).questions);
  const [before, after] = [runOf("untrained"), runOf("tuned")];
  const served = mean(after.perQuestion.map((q) => q["ndcg@10"]));
  const against = withInterval(difference(after, before, "ndcg@10", { seed }));
  return [variant, String(groups), tuned!.toFixed(3), signed(tuned! - base!), served.toFixed(3), against];
}

const folder = await mkdtemp(join(tmpdir(), "winnow-sources-"));
const rows: string[][] = [];
try {
  const tasks = (await scoredSet(set, parts)).filter(({ question }) => question.answerable);
  const { retriever, ...dirs } = await openDocs(set.docs, folder, parts);
  const corpus = await openTrainingCorpus(dirs.ingestDir);
  const sources = await openGroupSources(corpus, retriever, dirs);
  const asked = await askedOf(set, sources);
  for (const variant of variants) {
    const groups = await groupsOf(variant, asked, sources);
    const row = rowOf(variant, groups.length, await tunedOn(groups, tasks, folder));
    console.error(row.join("  "));
    rows.push(row);
  }
  sources.close();
  corpus.close();
  retriever.close();
} finally {
  await rm(folder, { recursive: true });
  await embedder.close();
}
console.log(
  `${set.name}, ${steps} steps, ${cpus().length} x ${cpus()[0]!.model}, ${new Date().toISOString().slice(0, 10)}\n`,
);
console.log(table(["trained on", "questions", "logit alone", "gained", "with retrieval", "gained"], rows));
