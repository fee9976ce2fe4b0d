import type { LabelFate, PassageLabel, UsedLabel } from "../../contracts/labels.ts";
import type { Passage } from "../../contracts/passage.ts";
import type { TrainingGroup } from "../artifacts/groups.ts";
import { sha256 } from "../base/canonical.ts";
import type { TaskContext } from "../base/progress.ts";
import { seededRandom } from "../base/random.ts";
import type { Question } from "../judging/question.ts";
import type { Embedder } from "../models/embedder.ts";
import { normalisedQuestion } from "../records/answers.ts";
import type { GroupBuilder } from "./mining/groups.ts";
import { JudgedQuestions } from "./questions/contamination.ts";
import type { TrainingQuestion } from "./questions/question.ts";
import type { TrainingCorpus } from "./trainingCorpus.ts";

export interface VotedParts {
  corpus: TrainingCorpus;
  embedder: Pick<Embedder, "dim" | "embed">;
  /** Builds groups with negatives from the pages that `allowed` permits. */
  builder: Pick<GroupBuilder, "build">;
  /** Whether passages of a page may be trained on. */
  allowed(page: string): boolean;
  /** Questions that nothing may be trained on. */
  judged: readonly Question[];
  seed: number;
}

/** A label whose passage is still what was voted on. */
interface Placed {
  label: PassageLabel;
  position: number;
}

/**
 * Training groups of accepted votes: one for each passage that answers a question, with passages that do not as the first
 * negatives and mined ones after them. A question that nearly equals a judged one gives none, because a question set that
 * was trained on proves nothing. Returns the fate of every label.
 */
export async function votedGroups(
  labels: readonly PassageLabel[],
  parts: VotedParts,
  ctx: TaskContext,
): Promise<{ groups: TrainingGroup[]; labels: UsedLabel[] }> {
  const fates = new Map<PassageLabel, LabelFate>();
  const settle = (some: readonly Placed[], fate: LabelFate) => {
    for (const { label } of some) fates.set(label, fate);
  };
  const groups: TrainingGroup[] = [];
  const questions = byQuestion(labels, parts, fates);
  const keys = [...questions.keys()];
  const texts = keys.map((key) => questions.get(key)![0]!.label.question);
  const vectorOf = await embedded(texts, parts.embedder, ctx);
  const guard = await JudgedQuestions.embedded(parts.judged, parts.embedder, ctx);
  const random = seededRandom(parts.seed);
  for (const [at, text] of texts.entries()) {
    const placed = questions.get(keys[at]!)!;
    const up = placed.filter(({ label }) => label.verdict === "up");
    const down = placed.filter(({ label }) => label.verdict === "down");
    if (guard.nearlyEquals(text, vectorOf(at)) !== null) settle(placed, "judged");
    else if (up.length === 0) settle(down, "no positive");
    else {
      const built: (TrainingGroup | null)[] = [];
      for (const one of up)
        built.push(await parts.builder.build(questionOf(text, one, up, down), vectorOf(at), random));
      const made = built.filter((group) => group !== null);
      groups.push(...made);
      up.forEach((one, i) => void settle([one], built[i] ? "trained" : "no negative"));
      settle(down, made.length > 0 ? "trained" : "no negative");
    }
  }
  return {
    groups,
    labels: labels.map((label) => {
      const { vote, passage, question } = label;
      return { vote, passage, question, fate: fates.get(label)! };
    }),
  };
}

/** Lines for people about a training that took place, `3 of 5 voted passages (1 gone, 1 judged)`, and about none. */
export interface VotesLine {
  trained: string;
  untrained: string;
}

/** What a training on these labels says of them. */
export function votesLine(fates: Partial<Record<LabelFate, number>>): VotesLine {
  const entries = Object.entries(fates);
  const all = entries.reduce((sum, [, count]) => sum + count, 0);
  const left = entries.filter(([fate]) => fate !== "trained").map(([fate, count]) => `${count} ${fate}`);
  const why = left.length > 0 ? ` (${left.join(", ")})` : "";
  return {
    trained: `${fates.trained ?? 0} of ${all} voted passages${why}`,
    untrained: `0 of ${all} voted passages (nothing trained)`,
  };
}

/** Usable labels by question, in which case and white space do not count. The others get their fate. */
function byQuestion(
  labels: readonly PassageLabel[],
  { corpus, allowed }: VotedParts,
  fates: Map<PassageLabel, LabelFate>,
): Map<string, Placed[]> {
  const questions = new Map<string, Placed[]>();
  for (const label of labels) {
    const position = positionOf({ withId: (id) => corpus.byId.get(id), at: (at) => corpus.passages.at(at)! }, label);
    if (position === null) fates.set(label, "gone");
    else if (!allowed(label.page)) fates.set(label, "held out");
    else {
      const key = normalisedQuestion(label.question);
      questions.set(key, [...(questions.get(key) ?? []), { label, position }]);
    }
  }
  return questions;
}

/** Position of the passage; null if it is gone or its text has changed. */
export function positionOf(
  passages: { withId(id: string): number | undefined; at(position: number): Pick<Passage, "text"> },
  { passage, textDigest }: Pick<PassageLabel, "passage" | "textDigest">,
): number | null {
  const position = passages.withId(passage);
  return position !== undefined && sha256(passages.at(position).text) === textDigest ? position : null;
}

function questionOf(text: string, { position }: Placed, up: Placed[], down: Placed[]): TrainingQuestion {
  return {
    ...{ text, source: "voted", position, window: null, reducedText: null, fromHeading: false, evidence: null },
    ...{ scope: "section", related: up.map((one) => one.position), opposed: down.map((one) => one.position) },
  };
}

async function embedded(texts: string[], embedder: VotedParts["embedder"], ctx: TaskContext) {
  const vectors = await embedder.embed({ questions: texts }, ctx);
  return (at: number) => vectors.subarray(at * embedder.dim, (at + 1) * embedder.dim);
}
