import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";
import type { WorkContext } from "../../base/progress.ts";
import { loadQuestionSet } from "../../judging/questionSet.ts";
import type { Shard } from "../../judging/shard.ts";
import { openEmbedder } from "../../models/families/index.ts";
import { openRetriever } from "../../retrieval/retriever.ts";
import { DEPTH } from "./evaluate.ts";
import { scoreQuestions } from "./scoreQuestions.ts";
import { type CandidateArgs, type Closable, candidateRerankers, keep, Scorers, type ScoreSources } from "./scorers.ts";

export interface ScoreShardArgs extends CorpusDirs, CandidateArgs {
  /** Model folder of the embedder. */
  modelDir: string;
  /** Question set, judged or generated. */
  file: string;
  shard: Shard;
  scores: Omit<ScoreSources, "imports" | "exportTo">;
}

/**
 * Scores one shard of the questions like `evaluateCandidate` and writes the logits to `outDir` for import. An
 * evaluation scores missing pairs itself, so shards affect its duration, never its result. Throws what
 * `evaluateCandidate` throws.
 */
export async function scoreShard(args: ScoreShardArgs, context: WorkContext): Promise<{ questions: number }> {
  const { shard, outDir } = args;
  const { compute } = context;
  const questions = await loadQuestionSet(args.file);
  const { rerankers } = await candidateRerankers(args);
  const opened: Closable[] = [];
  try {
    const embedder = await keep(opened, openEmbedder(args.modelDir, compute));
    const retriever = await keep(opened, openRetriever({ ...args, embedder, vectors: compute.vectors }));
    const scorers = new Scorers({ outDir, scores: { ...args.scores, exportTo: outDir } }, context, opened);
    const parts = { retriever, embedder, rerankers: await scorers.open(rerankers), depth: DEPTH, shard };
    const { scored } = await scoreQuestions(questions, parts, context);
    return { questions: scored.length };
  } finally {
    for (const part of opened.reverse()) await part.close();
  }
}
