import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";
import { type GradeRequest, readWritten, type WrittenQuestion, writeRequested } from "../../artifacts/written.ts";
import type { WorkContext } from "../../base/progress.ts";
import { fnv1a, seededRandom, shuffled } from "../../base/random.ts";
import { breathe } from "../../base/yielding.ts";
import { windowText } from "../../docs/windows.ts";
import { openEmbedder } from "../../models/families/index.ts";
import type { PassageBook } from "../../retrieval/corpora/corpus.ts";
import { openRetriever, type Retriever } from "../../retrieval/retriever.ts";
import { CANDIDATES } from "../../training/questions/written/grade.ts";

export interface FindGradedArgs extends CorpusDirs {
  /** Model folder of the embedder. */
  modelDir: string;
  /** Artifact of written questions. */
  writtenDir: string;
  seed: number;
  /** Receives the requests (core/artifacts/written.ts). */
  outDir: string;
}

const MOST_CHARACTERS = 1200;

/**
 * Writes the requests for grades: for each written question its own passage and the best of retrieval, in random order,
 * because models favour the first passages. Loads native libraries. Throws `CorruptArtifact`, `BadModel`, `Cancelled`.
 */
export async function findGraded(args: FindGradedArgs, ctx: WorkContext): Promise<{ requests: number }> {
  const { questions } = await readWritten(args.writtenDir);
  const embedder = await openEmbedder(args.modelDir, ctx.compute);
  try {
    const retriever = await openRetriever({ ...args, embedder, vectors: ctx.compute.vectors });
    try {
      const book = await retriever.lookUp({ ids: questions.map(({ passageId }) => passageId) });
      const requests: GradeRequest[] = [];
      for (const [at, question] of questions.entries()) {
        await breathe(at, questions.length, ctx);
        const own = book.withId(question.passageId);
        if (own !== undefined) requests.push(await requestOf(question, own, book, retriever, args.seed));
      }
      return { requests: await writeRequested(args.outDir, requests) };
    } finally {
      retriever.close();
    }
  } finally {
    await embedder.close();
  }
}

async function requestOf(
  question: WrittenQuestion,
  own: number,
  book: PassageBook,
  retriever: Retriever,
  seed: number,
): Promise<GradeRequest> {
  // The order depends on the question alone: when other questions change, its cached reply still applies.
  const random = seededRandom(fnv1a(`${seed} ${question.question}`));
  const vector = await retriever.embedQuestion(question.question);
  const found = await retriever.find(question.question, vector, CANDIDATES);
  const ranked = await retriever.rankBy("retrieval", found, CANDIDATES);
  for (const { position, passage } of ranked) book.keep(position, passage);
  await found.search.include([own]);
  const others = ranked.map(({ position }) => position).filter((position) => position !== own);
  const passages = shuffled([own, ...others.slice(0, CANDIDATES - 1)], random).map((position) => {
    const passage = book.at(position);
    const { id, heading } = passage;
    const { window } = found.search.nearest(position, vector);
    return { id, heading, text: windowText(passage, window).slice(0, MOST_CHARACTERS) };
  });
  return { ...question, passages };
}
