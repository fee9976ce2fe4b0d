import { readUsedLabels } from "../../artifacts/groups.ts";
import type { TaskContext } from "../../base/progress.ts";
import type { Question } from "../../judging/question.ts";
import type { Embedder } from "../../models/embedder.ts";
import { JudgedQuestions } from "../../training/questions/contamination.ts";

/**
 * Ids of the questions that nearly equal one of an accepted vote which a reranker was trained on: a set with them would
 * measure what it remembers. Throws CorruptArtifact.
 *
 * @param rerankers those that are compared
 */
export async function trainedQuestions(
  questions: readonly Question[],
  rerankers: readonly ({ dir: string } | null)[],
  embedder: Pick<Embedder, "dim" | "embed">,
  { signal }: Pick<TaskContext, "signal">,
): Promise<Set<string>> {
  const texts = new Set<string>();
  for (const one of rerankers) for (const text of one ? await votedIn(one.dir) : []) texts.add(text);
  if (texts.size === 0) return new Set();
  const unreported = { signal, progress: () => {} };
  const voted = [...texts].map((query, at) => ({ id: String(at), query }));
  const trained = await JudgedQuestions.embedded(voted, embedder, unreported);
  const vectors = await embedder.embed({ questions: questions.map(({ query }) => query) }, unreported);
  const vectorOf = (at: number) => vectors.subarray(at * embedder.dim, (at + 1) * embedder.dim);
  const hits = questions.filter(({ query }, at) => trained.nearlyEquals(query, vectorOf(at)) !== null);
  return new Set(hits.map(({ id }) => id));
}

async function votedIn(dir: string): Promise<string[]> {
  return (await readUsedLabels(dir)).flatMap(({ fate, question }) => (fate === "trained" ? question : []));
}
