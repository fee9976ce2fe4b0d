import { type MinedQuestion, readCandidates, writeCandidates } from "../../artifacts/candidates.ts";
import type { TaskContext, WorkContext } from "../../base/progress.ts";
import { breathe } from "../../base/yielding.ts";
import { loadQuestionSet } from "../../judging/questionSet.ts";
import { type Shard, shardOf } from "../../judging/shard.ts";
import { openEmbedder } from "../../models/families/index.ts";
import { openRetriever } from "../../retrieval/retriever.ts";
import { type CandidateSource, candidatesWanted } from "../../training/mining/groups.ts";
import { chooseQuestions, pagesOf } from "../../training/questions/chooseQuestions.ts";
import { allQuestions } from "../../training/questions/questions.ts";
import { openTrainingCorpus } from "../../training/trainingCorpus.ts";
import type { PrepareArgs } from "./prepareArgs.ts";

export interface MineShardArgs extends Omit<PrepareArgs, "pairsFile" | "writtenDir" | "minedDirs" | "labels"> {
  shard: Shard;
}

/**
 * Retrieves candidate negatives for one shard of the training questions, for `prepareTraining`. This is the slow part
 * of mining. Throws what `prepareTraining` throws. Loads native libraries.
 */
export async function mineShard(args: MineShardArgs, ctx: WorkContext): Promise<{ questions: number }> {
  const texts = await ownQuestions(args);
  const embedder = await openEmbedder(args.modelDir, ctx.compute);
  try {
    const retriever = await openRetriever({ ...args, embedder, vectors: ctx.compute.vectors });
    try {
      const vectors = await embedder.embed({ questions: texts }, ctx);
      const vectorOf = (at: number) => vectors.subarray(at * embedder.dim, (at + 1) * embedder.dim);
      await writeCandidates(args.outDir, await candidates(texts, vectorOf, retriever, ctx));
      return { questions: texts.length };
    } finally {
      retriever.close();
    }
  } finally {
    await embedder.close();
  }
}

/** Texts of the shard's questions. The corpus is closed again, before the search opens. */
async function ownQuestions({ shard, seed, ...args }: MineShardArgs): Promise<string[]> {
  const judged = args.questionsFile === null ? [] : await loadQuestionSet(args.questionsFile);
  const corpus = await openTrainingCorpus(args.ingestDir);
  try {
    const { splitOf } = pagesOf(args, corpus, judged);
    const chosen = chooseQuestions({ ...args, seed }, corpus, allQuestions(corpus, seed), splitOf);
    return shardOf([...chosen.train, ...chosen.validation], shard).map(({ text }) => text);
  } finally {
    corpus.close();
  }
}

async function candidates(
  texts: string[],
  vectorOf: (at: number) => Float32Array,
  retriever: CandidateSource,
  ctx: TaskContext,
): Promise<MinedQuestion[]> {
  const mined: MinedQuestion[] = [];
  for (const [at, question] of texts.entries()) {
    await breathe(at, texts.length, ctx);
    const found = await retriever.retrieveWithVector(question, vectorOf(at), candidatesWanted());
    mined.push({ question, positions: found.map(({ position }) => position) });
  }
  return mined;
}

/** A retriever that returns the candidates found by shards. Throws `CorruptArtifact`. */
export async function withMined(retriever: CandidateSource, folders: readonly string[]): Promise<CandidateSource> {
  const known = new Map<string, number[]>();
  for (const folder of folders)
    for (const { question, positions } of await readCandidates(folder)) known.set(question, positions);
  return {
    async retrieveWithVector(question, vector, k) {
      const positions = k <= candidatesWanted() ? known.get(question) : undefined;
      if (!positions) return retriever.retrieveWithVector(question, vector, k);
      return positions.slice(0, k).map((position) => ({ position }));
    },
  };
}
