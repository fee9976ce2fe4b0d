import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ReviewedVote } from "../contracts/feedback.ts";
import { evidenceSpans } from "../core/answering/evidence.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";
import { guessKind } from "../core/judging/guessKind.ts";
import type { Question } from "../core/judging/question.ts";
import { loadQuestionLines } from "../core/judging/questionSet.ts";
import { normalisedQuestion, questionDigest } from "../core/records/answers.ts";
import { JudgedQuestions } from "../core/training/questions/contamination.ts";
import { type AskedQuestion, allAskedQuestions } from "./askedQuestions.ts";
import { listVotes } from "./feedback.ts";
import { existing, openRelease, type ReleaseChoice } from "./openRelease.ts";
import { withQuestionTexts } from "./questionTexts.ts";
import type { RecordPlaces } from "./records.ts";
import { type Searcher, searcherOf } from "./search.ts";
import type { Computing, StackSettings } from "./settings.ts";

export interface DraftOptions extends ReleaseChoice {
  /** File to write. */
  out: string;
  /** Question set whose questions are left out, judged or not. */
  except?: string;
  /** Newest questions, and newest votes, to read. */
  limit?: number;
}

/** A question set to judge. */
export interface DraftedSet {
  /** Absolute path; null if there was no question to write. */
  file: string | null;
  release: string;
  corpus: string;
  questions: Question[];
  /** Questions that could not be used, because their text is not kept or is encrypted with another key. */
  textless: number;
  /** Questions left out because an accepted vote trains on nearly the same. */
  trained: number;
}

/** A question that no answer satisfied. */
export interface DraftedQuestion {
  query: string;
  /** Times it was refused, or answered unsure. */
  unanswered: number;
  votedDown: number;
  /** Passages that users voted down for it. */
  rejected: string[];
}

const LIMIT = 500;
/** Passages proposed for a question. */
const PROPOSED = 3;

/**
 * Writes a question set to judge: questions that were refused, unsure or voted down, each once, with the closest passages
 * of a release as proposals. Questions of accepted votes are left out, because the training learns them. Every line is marked as a draft, so that no run and no evaluation takes it for judged.
 * Throws BadInput if the file exists, UnknownRelease, CorruptArtifact, BadModel, BadQuestionSet.
 *
 * @example
 * const { questions } = await draftQuestions(config, { corpus: "k8s", out: "draft.jsonl" });
 */
export async function draftQuestions(
  config: RecordPlaces & Computing & StackSettings,
  { out, except, limit = LIMIT, ...choice }: DraftOptions,
): Promise<DraftedSet> {
  const file = resolve(out);
  if (existsSync(file)) throw taken(file);
  const known = except ? await questionsOf(existing(except, "except")) : [];
  const { release, folders } = await openRelease(config, choice);
  const { corpus } = release.manifest;
  const { found, textless, learned } = await unansweredOf(config, corpus, limit);
  const open = withoutKnown(merged(found), known);
  const wanted = withoutLearned(open, learned);
  const counts = { release: release.id, corpus, textless, trained: open.length - wanted.length };
  if (wanted.length === 0) return { file: null, questions: [], ...counts };
  const searcher = await searcherOf(config, release, folders);
  try {
    const questions: Question[] = [];
    for (const one of wanted) questions.push(await draftOf(searcher, one));
    await writeNew(file, questions);
    return { file, questions, ...counts };
  } finally {
    await searcher.close();
  }
}

/** Each question once, the one that was asked most first. Questions that differ only in case and white space are one. */
export function merged(found: readonly DraftedQuestion[]): DraftedQuestion[] {
  const byText = new Map<string, DraftedQuestion>();
  for (const one of found) {
    const key = normalisedQuestion(one.query);
    const before = byText.get(key) ?? { query: one.query, unanswered: 0, votedDown: 0, rejected: [] };
    byText.set(key, {
      query: before.query,
      unanswered: before.unanswered + one.unanswered,
      votedDown: before.votedDown + one.votedDown,
      rejected: [...before.rejected, ...one.rejected],
    });
  }
  const weight = ({ unanswered, votedDown }: DraftedQuestion) => unanswered + votedDown;
  return [...byText.values()].sort((a, b) => weight(b) - weight(a));
}

/** Why a line was drafted: `refused or unsure 2 times, voted down once`. */
export function reasonOf({ unanswered, votedDown }: DraftedQuestion): string {
  const times = (count: number, what: string) =>
    count === 0 ? [] : [`${what} ${count === 1 ? "once" : `${count} times`}`];
  return [...times(unanswered, "refused or unsure"), ...times(votedDown, "voted down")].join(", ");
}

async function unansweredOf(
  config: RecordPlaces & StackSettings,
  corpus: string,
  limit: number,
): Promise<{ found: DraftedQuestion[]; textless: number; learned: string[] }> {
  const asked = await allAskedQuestions(config, { refused: true, corpus, limit });
  const { votes } = await listVotes(config, { corpus, states: ["undecided", "accepted"] });
  const learned = votes.flatMap(({ decision }) => decision?.question ?? []);
  const down = votes.filter(({ vote }) => vote === "down").slice(0, limit);
  const voted = await withQuestionTexts(config, async (textOf) => {
    const texts: (DraftedQuestion | null)[] = [];
    for (const vote of down) texts.push(votedOf(vote, vote.decision?.question ?? (await textOf(vote.answer))));
    return texts;
  });
  const lost = voted.filter((one) => one === null).length;
  const usable = voted.filter((one) => one !== null);
  const found = [...asked.questions.map(askedOf), ...usable];
  return { found, textless: asked.textless + asked.hidden + lost, learned };
}

function askedOf({ question, count }: AskedQuestion): DraftedQuestion {
  return { query: question, unanswered: count, votedDown: 0, rejected: [] };
}

function votedOf({ passage }: ReviewedVote, question: string | null): DraftedQuestion | null {
  if (question === null) return null;
  return { query: question, unanswered: 0, votedDown: 1, rejected: passage === null ? [] : [passage] };
}

function withoutKnown(found: readonly DraftedQuestion[], known: readonly string[]): DraftedQuestion[] {
  const judged = new Set(known.map(normalisedQuestion));
  return found.filter(({ query }) => !judged.has(normalisedQuestion(query)));
}

/** Without questions that nearly equal, by their terms, one that the training learns from an accepted vote. */
export function withoutLearned(found: readonly DraftedQuestion[], learned: readonly string[]): DraftedQuestion[] {
  const guard = new JudgedQuestions(learned.map((query, at) => ({ id: String(at), query })));
  const same = new Set(learned.map(normalisedQuestion));
  return found.filter(({ query }) => !same.has(normalisedQuestion(query)) && guard.nearlyEquals(query) === null);
}

/** Queries of a question set's good lines, and of those that are not judged yet. */
async function questionsOf(file: string): Promise<string[]> {
  return (await loadQuestionLines(file)).flatMap((line) => (line.question ? line.question.query : (line.query ?? [])));
}

async function draftOf(searcher: Searcher, drafted: DraftedQuestion): Promise<Question> {
  const query = drafted.query.replace(/\s+/g, " ");
  const { passages } = await searcher.search(query);
  const closest = passages.filter(({ id }) => !drafted.rejected.includes(id)).slice(0, PROPOSED);
  return {
    // From the question, so that the lines of two drafts can be joined.
    id: `d${questionDigest(query).slice(0, 8)}`,
    ...{ query, kind: guessKind(query), draft: reasonOf(drafted), relevant: [] },
    proposed: closest.map(({ page, heading, text }) => ({
      ...{ path: page, heading: heading.at(-1) ?? "", grade: 2 as const },
      evidence: evidenceSpans(query, text)[0]!,
    })),
    mustPass: false,
  };
}

/** Writes the lines to a file that does not exist. */
async function writeNew(file: string, questions: readonly Question[]): Promise<void> {
  const text = questions.map((question) => `${JSON.stringify(question)}\n`).join("");
  try {
    await writeFile(file, text, { flag: "wx" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") throw taken(file);
    throw new WinnowError("BadInput", `--out: cannot write ${file}: ${messageOf(cause)}`, { cause });
  }
}

function taken(file: string): WinnowError {
  return new WinnowError("BadInput", `--out: ${file} exists; a draft overwrites no file, so name another`);
}
