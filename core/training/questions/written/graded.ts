import type { WrittenReport } from "../../../artifacts/groups.ts";
import { type GradedQuestion, readGraded } from "../../../artifacts/written.ts";
import type { TrainingCorpus } from "../../trainingCorpus.ts";
import type { TrainingQuestion } from "../question.ts";

/**
 * The written questions of an artifact that a passage answers. Passages that do not answer are their first negatives.
 * Throws CorruptArtifact.
 *
 * @param allowed pages whose passages may be negatives
 */
export async function gradedQuestions(
  gradedDir: string,
  corpus: TrainingCorpus,
  allowed: (page: string) => boolean,
): Promise<{ questions: TrainingQuestion[]; report: WrittenReport }> {
  const { questions: graded, stats } = await readGraded(gradedDir);
  const questions = graded.flatMap((question) => asTrainingQuestion(question, corpus, allowed) ?? []);
  return { questions, report: { ...stats, kept: questions.length } };
}

/** One line for people: how many questions were requested, kept and dropped, with reasons. */
export function writtenLine({ model, asked, kept, rejected, unanswered, ungraded }: WrittenReport): string {
  const dropped = Object.entries({ ...rejected, "not answered": unanswered, "not graded": ungraded });
  const reasons = dropped.flatMap(([reason, count]) => (count > 0 ? `${count} ${reason}` : [])).join(", ");
  return `${kept} of ${asked} questions written by ${model} kept${reasons ? ` (dropped: ${reasons})` : ""}`;
}

function asTrainingQuestion(
  { question: text, passageId, related, opposed }: GradedQuestion,
  { byId, sections }: TrainingCorpus,
  allowed: (page: string) => boolean,
): TrainingQuestion | null {
  const position = byId.get(passageId);
  if (position === undefined) return null;
  const positionsOf = (ids: string[]) => ids.flatMap((id) => byId.get(id) ?? []);
  return {
    ...{ text, source: "written", position, window: null, reducedText: null, fromHeading: false, evidence: null },
    ...{ scope: "section", related: positionsOf(related) },
    opposed: positionsOf(opposed).filter((at) => allowed(sections[at]!.page)),
  };
}
