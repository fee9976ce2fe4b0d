import type { WrittenReport } from "../../../artifacts/groups.ts";
import { readWritten } from "../../../artifacts/written.ts";
import { WinnowError } from "../../../base/errors.ts";
import type { TaskContext } from "../../../base/progress.ts";
import type { Retriever } from "../../../retrieval/retriever.ts";
import { sectionKey, type TrainingCorpus } from "../../trainingCorpus.ts";
import type { TrainingQuestion } from "../question.ts";

/** Round-trip check: this many passages retrieved for a question must include its section. */
const FOUND_WITHIN = 20;
const BREATH = 20;

/**
 * Written questions of an artifact (core/artifacts/written.ts) whose section retrieval finds. Throws CorruptArtifact,
 * Cancelled.
 */
export async function checkedQuestions(
  writtenDir: string,
  corpus: TrainingCorpus,
  retriever: Pick<Retriever, "retrieve">,
  ctx: TaskContext,
): Promise<{ questions: TrainingQuestion[]; report: WrittenReport }> {
  const { questions: written, stats } = await readWritten(writtenDir);
  const questions: TrainingQuestion[] = [];
  for (const [index, { question, passageId }] of written.entries()) {
    if (index % BREATH === 0) await breathe(index, written.length, ctx);
    const position = corpus.byId.get(passageId);
    if (position === undefined) continue;
    const section = sectionKey(corpus.passages[position]!);
    const found = await retriever.retrieve(question, FOUND_WITHIN);
    if (found.some((candidate) => sectionKey(corpus.passages[candidate.position]!) === section))
      questions.push(asTrainingQuestion(question, position));
  }
  const kept = questions.length;
  return { questions, report: { ...stats, notFound: written.length - kept, kept } };
}

/** One line for people: how many questions were requested, kept and dropped, with reasons. */
export function writtenLine({ model, asked, kept, rejected, notFound }: WrittenReport): string {
  const dropped = Object.entries({ ...rejected, "not found again": notFound }).filter(([, count]) => count > 0);
  const reasons = dropped.map(([reason, count]) => `${count} ${reason}`).join(", ");
  return `${kept} of ${asked} questions written by ${model} kept${reasons ? ` (dropped: ${reasons})` : ""}`;
}

function asTrainingQuestion(text: string, position: number): TrainingQuestion {
  const whole = { window: null, reducedText: null, fromHeading: false, evidence: null };
  return { text, source: "written", position, ...whole, scope: "section", related: [] };
}

async function breathe(step: number, of: number, ctx: TaskContext): Promise<void> {
  await new Promise<void>((resume) => setImmediate(resume));
  if (ctx.signal.aborted) throw new WinnowError("Cancelled", "checking written questions was cancelled");
  ctx.progress({ step, of, note: `checking written questions: ${step} of ${of}` });
}
