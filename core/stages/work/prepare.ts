import { type GroupStats, type TrainingGroup, writeTrainingData } from "../../artifacts/groups.ts";
import { countBy } from "../../base/countBy.ts";
import type { TaskContext, WorkContext } from "../../base/progress.ts";
import { seededRandom } from "../../base/random.ts";
import { breathe } from "../../base/yielding.ts";
import type { Question } from "../../judging/question.ts";
import { loadQuestionSet } from "../../judging/questionSet.ts";
import type { Embedder } from "../../models/embedder.ts";
import { openEmbedder } from "../../models/families/index.ts";
import { openRetriever, type Retriever } from "../../retrieval/retriever.ts";
import { GroupBuilder, type GroupSources, openGroupSources } from "../../training/mining/groups.ts";
import type { MiningCounts } from "../../training/mining/negatives.ts";
import { assertPairsNotJudged, holdOut, readPairs } from "../../training/pairs.ts";
import { type Asked, chooseQuestions, pagesOf, withoutJudged } from "../../training/questions/chooseQuestions.ts";
import { heldoutSet, requireHeldout } from "../../training/questions/heldout.ts";
import type { QuestionSource } from "../../training/questions/question.ts";
import { allQuestions } from "../../training/questions/questions.ts";
import { gradedQuestions } from "../../training/questions/written/graded.ts";
import type { Split } from "../../training/split.ts";
import { openTrainingCorpus, type TrainingCorpus } from "../../training/trainingCorpus.ts";
import { votedGroups } from "../../training/votes.ts";
import { withMined } from "./mineShard.ts";
import type { PrepareArgs } from "./prepareArgs.ts";

/** Counts of the artifact: what was made and what was left out. */
export interface PrepareReport extends GroupStats {
  groups: number;
  validation: number;
  /** Answerable and unanswerable questions on held-out pages; on all pages with `allPages`. */
  heldout: number;
  unanswerable: number;
  pages: Record<Split, number>;
  /** Questions found in the docs, and those used for training, by source. */
  found: Partial<Record<QuestionSource, number>>;
  used: Partial<Record<QuestionSource, number>>;
  /** Generated questions dropped because a judged one nearly equals them. */
  contaminated: number;
  /** Pages kept out of training by `strict`. */
  strictPages: number;
  /** Questions dropped because no hard negative was left. */
  withoutNegatives: number;
  mining: MiningCounts;
}

/**
 * Makes training data from the docs: questions, mined negatives and teacher scores, split by page, and a question set
 * on held-out pages. Loads native libraries, so it runs in a child process.
 *
 * Throws `BadQuestionSet`, `CorruptArtifact`, `BadModel`, `Cancelled`. Throws `BadInput` when neither a
 * question set nor the corpus gives a question, or a supplied pair is malformed or repeats a judged question.
 */
export async function prepareTraining(args: PrepareArgs, ctx: WorkContext): Promise<PrepareReport> {
  const judged = args.questionsFile === null ? [] : await loadQuestionSet(args.questionsFile);
  const corpus = await openTrainingCorpus(args.ingestDir);
  try {
    return await prepareOver(corpus, judged, args, ctx);
  } finally {
    corpus.close();
  }
}

async function prepareOver(
  corpus: TrainingCorpus,
  judged: Question[],
  args: PrepareArgs,
  ctx: WorkContext,
): Promise<PrepareReport> {
  const embedder = await openEmbedder(args.modelDir, ctx.compute);
  try {
    const retriever = await openRetriever({ ...args, embedder, vectors: ctx.compute.vectors });
    try {
      const sources = await openGroupSources(corpus, await withMined(retriever, args.minedDirs ?? []), args);
      try {
        return await prepare(args, { ...sources, search: retriever, embedder }, judged, ctx);
      } finally {
        sources.close();
      }
    } finally {
      retriever.close();
    }
  } finally {
    await embedder.close();
  }
}

interface Parts extends GroupSources {
  search: Retriever;
  embedder: Embedder;
}

async function prepare(args: PrepareArgs, parts: Parts, judged: Question[], ctx: TaskContext): Promise<PrepareReport> {
  const { corpus } = parts;
  const { splits, strictPages, splitOf } = pagesOf(args, corpus, judged);
  const trainPages = (page: string) => splits.get(page) === "train" && !strictPages.has(page);
  const supplied = await suppliedGroups(args, judged, parts.embedder, ctx);
  const written = args.writtenDir ? await gradedQuestions(args.writtenDir, corpus, trainPages) : null;
  const everything = [...allQuestions(corpus, args.seed), ...(written?.questions ?? [])];
  const chosen = chooseQuestions(args, corpus, everything, splitOf);
  const clean = await withoutJudged(chosen, judged, parts.embedder, ctx);
  const training = new GroupBuilder(parts, trainPages);
  const validating = new GroupBuilder(parts, (page) => splits.get(page) !== "heldout" && !strictPages.has(page));
  const groups = await buildGroups(training, clean.train, args.seed, ctx);
  const validation = await buildGroups(validating, clean.validation, args.seed + 1, ctx);
  const withoutNegatives = clean.train.length - groups.length;
  groups.push(...supplied.groups);
  const voted = await trainedVotes(args, parts, judged, { splits, strictPages }, ctx);
  groups.push(...voted.groups);
  validation.push(...supplied.validation);
  if (judged.length === 0) requireHeldout(clean.heldout.length, corpus.byPage.size);
  const { allPages } = chosen;
  // Beside a question set, training may use all pages, so questions about them measure nothing.
  const questions = judged.length > 0 && allPages ? [] : clean.heldout.map(({ question }) => question);
  const heldout = await heldoutSet(corpus, parts.search, { questions, allPages });
  const answerable = questions.length;
  const report: PrepareReport = {
    groups: groups.length,
    validation: validation.length,
    supplied: supplied.groups.length + supplied.validation.length,
    written: written?.report ?? null,
    ...(voted.labels.length > 0 ? { votes: countBy(voted.labels, ({ fate }) => fate) } : {}),
    heldout: answerable,
    unanswerable: heldout.length - answerable,
    ...(judged.length === 0 && allPages ? { allPages: true } : {}),
    pages: countBy([...splits.values()], (split) => split) as Record<Split, number>,
    found: countBy(everything, (question) => question.source),
    used: countBy(clean.train, (asked) => asked.question.source),
    contaminated: clean.contaminated,
    strictPages: [...strictPages].filter((page) => corpus.byPage.has(page)).length,
    withoutNegatives,
    mining: training.miner.counts,
  };
  await writeTrainingData(args.outDir, { groups, validation, heldout, stats: report, labels: voted.labels });
  return report;
}

/**
 * The groups of accepted votes. Votes on validation pages are left out, since those choose the step that training stops
 * at. Without a judged question set, generated questions on held-out pages measure the release, so votes on those are
 * left out too.
 */
async function trainedVotes(
  { labels = [], seed }: PrepareArgs,
  parts: Parts,
  judged: Question[],
  { splits, strictPages }: { splits: ReadonlyMap<string, Split>; strictPages: ReadonlySet<string> },
  ctx: TaskContext,
) {
  if (labels.length === 0) return { groups: [], labels: [] };
  const allowed = votedPages(splits, strictPages, judged.length > 0);
  const { corpus, embedder } = parts;
  const builder = new GroupBuilder(parts, allowed);
  return votedGroups(labels, { corpus, embedder, builder, allowed, judged, seed: seed + 2 }, ctx);
}

/** Pages whose passages accepted votes may train. */
export function votedPages(
  splits: ReadonlyMap<string, Split>,
  strictPages: ReadonlySet<string>,
  isJudged: boolean,
): (page: string) => boolean {
  const kept = (page: string) => splits.get(page) === "validation" || (!isJudged && splits.get(page) === "heldout");
  return (page) => !strictPages.has(page) && !kept(page);
}

/** The groups of the pairs file, checked against the judged questions. */
async function suppliedGroups(
  { pairsFile, seed }: PrepareArgs,
  judged: Question[],
  embedder: Embedder,
  ctx: TaskContext,
) {
  if (!pairsFile) return { groups: [], validation: [] };
  const all = await readPairs(pairsFile);
  await assertPairsNotJudged(all, judged, embedder, ctx);
  return holdOut(all, seed);
}

async function buildGroups(
  builder: GroupBuilder,
  asked: Asked[],
  seed: number,
  ctx: TaskContext,
): Promise<TrainingGroup[]> {
  const random = seededRandom(seed);
  const groups: TrainingGroup[] = [];
  for (const [index, { question, vector }] of asked.entries()) {
    await breathe(index, asked.length, ctx);
    const group = await builder.build(question, vector, random);
    if (group !== null) groups.push(group);
  }
  return groups;
}
