/**
 * The untrained reranker by where the rarity of tokens is counted: in the passages of the mined training groups, or in
 * all passages of the docs. nDCG@10 of the logit alone and beside retrieval:
 *   npm run bench:rarity -- --set NAME=DOCS=QUESTIONS [--set ...]
 * Nothing is trained, and logits are float32. Vectors are kept in WINNOW_HOME.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { withInterval } from "../bench/figures.ts";
import { table } from "../cli/table.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { ROWS } from "../contracts/ladderRows.ts";
import { readTrainingGroups } from "../core/artifacts/groups.ts";
import { quietContext } from "../core/base/progress.ts";
import { deviation, mean } from "../core/base/statistics.ts";
import { windowInputs } from "../core/docs/windows.ts";
import { bootstrapDifference } from "../core/judging/bootstrap.ts";
import { rerankerRuns, servedRun } from "../core/judging/ladder.ts";
import { orderScores } from "../core/judging/ordering.ts";
import { isAnswerable } from "../core/judging/question.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { descending, type ScoredQuestion } from "../core/judging/scored.ts";
import { openEmbedder } from "../core/models/families/index.ts";
import { StatesInMemory } from "../core/models/late/keptStates.ts";
import { embedderDir } from "../core/models/locate.ts";
import { DEPTH } from "../core/stages/work/evaluate.ts";
import { prepareTraining } from "../core/stages/work/prepare.ts";
import { scoreQuestions } from "../core/stages/work/scoreQuestions.ts";
import { teachable } from "../core/training/loop/teachable.ts";
import { type DocsSet, givenSets, openDocs, openRerankerOver, type Parts } from "./scoredSets.ts";

/** Weight of the logit relative to the fused score, both scaled by their spread within a question. */
const WEIGHT = 0.6;
const SEED = 17;
const STATE_BYTES = 2 ** 30;

const sets = givenSets("bench:rarity");
const config = readCliConfig(process.env);
const modelDir = embedderDir(config.cache);

/** nDCG@10 of each answerable question, by the logit alone and by both. */
type Orders = Record<"logit alone" | "with retrieval", number[]>;

/** Counted in the passages of the mined groups, and in all passages. */
type Rarities = Record<"mined" | "all", Orders>;

async function measured({ docs, questions: file }: DocsSet, parts: Parts): Promise<Rarities> {
  const folder = await mkdtemp(join(tmpdir(), "winnow-rarity-"));
  try {
    const { retriever, ...dirs } = await openDocs(docs, folder, parts);
    const outDir = join(folder, "data");
    await prepareTraining(
      { ...dirs, modelDir, questionsFile: file, strict: false, seed: SEED, outDir },
      quietContext(),
    );
    const { groups } = teachable((await readTrainingGroups(outDir)).groups);
    const mined = new Set(groups.flatMap(({ passages }) => passages));
    const all = [...retriever.passages.values()].flatMap(windowInputs);
    const questions = (await loadQuestionSet(file)).filter(isAnswerable);
    const states = new StatesInMemory(STATE_BYTES);
    const orders = async (texts: Iterable<string>, name: string) => {
      const reranker = await openRerankerOver(texts, join(folder, name), modelDir, { states });
      const given = { retriever, embedder: parts.embedder, rerankers: { untrained: reranker }, depth: DEPTH };
      const { scored } = await scoreQuestions(questions, given, quietContext());
      await reranker.close();
      return ordersOf(scored);
    };
    const found = { mined: await orders(mined, "mined"), all: await orders(all, "all") };
    retriever.close();
    return found;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function ordersOf(scored: ScoredQuestion[]): Orders {
  const fused = spread(scored, ({ candidates }) => candidates.map((candidate) => candidate.fused));
  const logit = spread(scored, ({ logits }) => logits.untrained!);
  const order = (question: ScoredQuestion) => descending(orderScores(question, "untrained", (WEIGHT * fused) / logit));
  const both = servedRun(
    ROWS.untrainedCalibrated,
    scored,
    scored.map((question) => ({ order: order(question) })),
  );
  const ndcgs = ({ perQuestion }: Pick<typeof both, "perQuestion">) => perQuestion.map((metrics) => metrics["ndcg@10"]);
  return { "logit alone": ndcgs(rerankerRuns(scored)[0]!), "with retrieval": ndcgs(both) };
}

/** Standard deviation of a score within questions. */
function spread(questions: ScoredQuestion[], scoresOf: (question: ScoredQuestion) => number[]): number {
  return deviation(
    questions.flatMap((question) => {
      const scores = scoresOf(question);
      return scores.map((score) => score - mean(scores));
    }),
  );
}

const ORDERS = ["logit alone", "with retrieval"] as const;

function rowOf(name: string, { mined, all }: Rarities): string[] {
  const cells = ORDERS.flatMap((order) => {
    const difference = bootstrapDifference(all[order], mined[order], { seed: SEED });
    return [mean(mined[order]).toFixed(3), mean(all[order]).toFixed(3), withInterval(difference)];
  });
  return [name, String(all["logit alone"].length), ...cells];
}

const embedder = await openEmbedder(modelDir);
const rows: string[][] = [];
const together: Rarities = {
  mined: { "logit alone": [], "with retrieval": [] },
  all: { "logit alone": [], "with retrieval": [] },
};
for (const set of sets) {
  const found = await measured(set, { embedder, modelDir, home: config.home });
  rows.push(rowOf(set.name, found));
  console.error(rows.at(-1)!.join("  "));
  for (const order of ORDERS) {
    together.mined[order].push(...found.mined[order]);
    together.all[order].push(...found.all[order]);
  }
}
await embedder.close();
rows.push(rowOf("all", together));
const columns = ORDERS.flatMap((order) => [`${order}: mined`, "all passages", "difference"]);
console.log(`${cpus().length} x ${cpus()[0]!.model}, ${new Date().toISOString().slice(0, 10)}\n`);
console.log(table(["docs", "questions", ...columns], rows));
