import type { TaskContext } from "../../base/progress.ts";
import type { Question } from "../../judging/question.ts";
import type { Embedder } from "../../models/embedder.ts";
import { type Split, splitPages } from "../split.ts";
import type { TrainingCorpus } from "../trainingCorpus.ts";
import { JudgedQuestions, judgedPages } from "./contamination.ts";
import { HELDOUT_SOURCES, type HeldoutQuestions } from "./heldout.ts";
import type { TrainingQuestion } from "./question.ts";
import { FEWEST, SENTENCE_SOURCES, sampleQuestions } from "./questions.ts";

const DEFAULT_MAX_GROUPS = 6000;
const MAX_VALIDATION = 120;
/** Most questions on held-out pages. */
export const MAX_HELDOUT = 300;
/** Most words, and characters, of a passage's beginning as a question. Some scripts write without blanks. */
const BEGINNING = { words: 8, characters: 200 };

/** The split of each page. With `strict`, pages that answer a judged question are only used as held-out pages. */
export function pagesOf({ strict }: { strict: boolean }, corpus: TrainingCorpus, judged: Question[]) {
  const splits = splitPages(corpus.byPage.keys());
  const strictPages = strict ? judgedPages(judged) : new Set<string>();
  const splitOf = (page: string): Split | null =>
    strictPages.has(page) && splits.get(page) !== "heldout" ? null : splits.get(page)!;
  return { splits, strictPages, splitOf };
}

/**
 * Samples questions for each split. A question belongs to the split of the page that answers it. Validation contains
 * sentence questions only if training does, so that early stopping measures the kind that is trained.
 */
export function chooseQuestions(
  limits: { maxGroups?: number; seed: number },
  corpus: TrainingCorpus,
  everything: TrainingQuestion[],
  splitOf: (page: string) => Split | null,
): Record<Split, TrainingQuestion[]> & { allPages: boolean } {
  const of = (split: Split) => everything.filter((q) => splitOf(corpus.sections[q.position]!.page) === split);
  const { seed } = limits;
  const train = sampleQuestions(corpus, of("train"), { max: limits.maxGroups ?? DEFAULT_MAX_GROUPS, seed });
  const fewest = train.some(({ source }) => SENTENCE_SOURCES.includes(source)) ? FEWEST : 0;
  const { questions: heldout, allPages } = heldoutQuestions(corpus, everything, splitOf, { max: MAX_HELDOUT, seed });
  return {
    train,
    validation: sampleQuestions(corpus, of("validation"), { max: MAX_VALIDATION, seed, fewest }),
    heldout,
    allPages,
  };
}

/**
 * Questions on held-out pages. Docs of a few pages hold none out: then any page gives questions, and if need be in the
 * docs' own words.
 */
export function heldoutQuestions(
  corpus: TrainingCorpus,
  everything: readonly TrainingQuestion[],
  splitOf: (page: string) => Split | null,
  limits: { max: number; seed: number },
): HeldoutQuestions & { questions: TrainingQuestion[] } {
  const indirect = everything.filter(({ source }) => HELDOUT_SOURCES.includes(source));
  const heldout = indirect.filter(({ position }) => splitOf(corpus.sections[position]!.page) === "heldout");
  const sampled = (questions: TrainingQuestion[]) => sampleQuestions(corpus, questions, limits);
  const questions = sampled(heldout);
  if (questions.length > 0) return { questions, allPages: false };
  const others = [sampled(indirect), sampled([...everything]), inOwnWords(corpus, limits.max)];
  return { questions: others.find(({ length }) => length > 0) ?? [], allPages: true };
}

/** The beginning of each passage as a question. A short text without headings gives no others. */
function inOwnWords({ passages }: TrainingCorpus, max: number): TrainingQuestion[] {
  const whole = { window: null, reducedText: null, fromHeading: false, evidence: null, related: [] };
  const found = new Map<string, TrainingQuestion>();
  for (const [position, passage] of passages.entries()) {
    if (found.size >= max) break;
    const words = passage.text.split(/\s+/).filter((word) => word !== "");
    const text = words.slice(0, BEGINNING.words).join(" ").slice(0, BEGINNING.characters);
    if (text !== "" && !found.has(text))
      found.set(text, { ...whole, text, source: "keywords", position, scope: "section" });
  }
  return [...found.values()];
}

/** A question with its unit vector. */
export interface Asked {
  question: TrainingQuestion;
  vector: Float32Array;
}

/** Embeds the questions of each split. Drops and counts those that nearly equal a judged one. */
export async function withoutJudged(
  chosen: Record<Split, TrainingQuestion[]>,
  judged: Question[],
  embedder: Embedder,
  ctx: TaskContext,
): Promise<Record<Split, Asked[]> & { contaminated: number }> {
  const guard = await JudgedQuestions.embedded(judged, embedder, ctx);
  let contaminated = 0;
  const clean = async (questions: TrainingQuestion[]): Promise<Asked[]> => {
    const vectors = await embedder.embed({ questions: questions.map((question) => question.text) }, ctx);
    const asked = questions.map((question, index) => ({
      question,
      vector: vectors.subarray(index * embedder.dim, (index + 1) * embedder.dim),
    }));
    const kept = asked.filter(({ question, vector }) => guard.nearlyEquals(question.text, vector) === null);
    contaminated += asked.length - kept.length;
    return kept;
  };
  const [train, validation, heldout] = [
    await clean(chosen.train),
    await clean(chosen.validation),
    await clean(chosen.heldout),
  ];
  return { train, validation, heldout, contaminated };
}
