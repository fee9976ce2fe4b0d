import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";
import { type HeldoutQuestion, writeHeldout } from "../../artifacts/groups.ts";
import type { WorkContext } from "../../base/progress.ts";
import { openEmbedder } from "../../models/families/index.ts";
import { openRetriever, type Retriever } from "../../retrieval/retriever.ts";
import { heldoutQuestions, MAX_HELDOUT, pagesOf } from "../../training/questions/chooseQuestions.ts";
import { heldoutSet, requireHeldout } from "../../training/questions/heldout.ts";
import { allQuestions } from "../../training/questions/questions.ts";
import { openTrainingCorpus } from "../../training/trainingCorpus.ts";

export interface HeldoutArgs extends CorpusDirs {
  /** Model folder of the embedder. */
  modelDir: string;
  seed: number;
  outDir: string;
}

export interface HeldoutReport {
  /** Answerable questions. */
  questions: number;
  /** No page was held out, so the questions are about all pages. */
  allPages: boolean;
}

/**
 * Makes the question set that `prepareTraining` makes without a judged set, on held-out pages if there are any, and
 * nothing to train on. Throws `CorruptArtifact`, `BadModel`, and `BadInput` if the docs give no question.
 */
export async function makeHeldout(args: HeldoutArgs, { compute }: WorkContext): Promise<HeldoutReport> {
  const embedder = await openEmbedder(args.modelDir, compute);
  try {
    const retriever = await openRetriever({ ...args, embedder, vectors: compute.vectors });
    try {
      const { heldout, answerable, pages, allPages } = await heldoutOf(args, retriever, MAX_HELDOUT);
      requireHeldout(answerable, pages);
      await writeHeldout(args.outDir, heldout, allPages ? { allPages } : {});
      return { questions: answerable, allPages };
    } finally {
      retriever.close();
    }
  } finally {
    await embedder.close();
  }
}

/** At most `max` questions made from held-out pages, and everyday ones that the docs do not answer. */
export async function heldoutOf(
  { ingestDir, seed }: Pick<HeldoutArgs, "ingestDir" | "seed">,
  search: Pick<Retriever, "retrieve">,
  max: number,
): Promise<{ heldout: HeldoutQuestion[]; answerable: number; pages: number; allPages: boolean }> {
  const corpus = await openTrainingCorpus(ingestDir);
  try {
    const { splitOf } = pagesOf({ strict: false }, corpus, []);
    const chosen = heldoutQuestions(corpus, allQuestions(corpus, seed), splitOf, { max, seed });
    const heldout = await heldoutSet(corpus, search, chosen);
    const { questions, allPages } = chosen;
    return { heldout, answerable: questions.length, pages: corpus.byPage.size, allPages };
  } finally {
    corpus.close();
  }
}
