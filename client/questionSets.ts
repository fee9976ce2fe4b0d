import { appendFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { RankedPassage } from "../contracts/passage.ts";
import { readPassages } from "../core/artifacts/passages.ts";
import { messageOf, WinnowError } from "../core/base/errors.ts";
import { lookAt, MB, readGivenText, Unreadable } from "../core/base/given/files.ts";
import { checkLines, type LineFinding } from "../core/judging/checkLines.ts";
import type { Judgment, Question } from "../core/judging/question.ts";
import { loadQuestionLines, parseQuestionSet } from "../core/judging/questionSet.ts";
import { createJudge, type Judge } from "../core/judging/relevance.ts";
import { existing, openRelease, type ReleaseChoice } from "./openRelease.ts";
import { searcherOf } from "./search.ts";
import type { Computing, Places } from "./settings.ts";

const MAX_BYTES = 100 * MB;

/** What became of the lines of a question set in the docs of a release. */
export interface QuestionSetCheck {
  file: string;
  release: string;
  corpus: string;
  /** Lines that are not blank. */
  lines: number;
  findings: LineFinding[];
}

/**
 * Finds the lines of a question set that are malformed, or that name a page, section or evidence which the docs of a
 * release lack. Throws BadInput for a missing file, BadQuestionSet for an unreadable one, UnknownRelease,
 * CorruptArtifact.
 *
 * @example
 * const { findings } = await checkQuestions(config, "questions.jsonl", { corpus: "k8s" });
 */
export async function checkQuestions(
  places: Places,
  questions: string,
  choice: ReleaseChoice = {},
): Promise<QuestionSetCheck> {
  const file = existing(questions, "questions");
  const lines = await loadQuestionLines(file);
  if (lines.length === 0) throw new WinnowError("BadQuestionSet", `${file} holds no questions`);
  const { release, folders } = await openRelease(places, choice);
  const findings = checkLines(lines, await readPassages(folders.ingestDir));
  return { file, release: release.id, corpus: release.manifest.corpus, lines: lines.length, findings };
}

/** A passage that a person picked for a question. */
export interface PickedPassage {
  passage: Pick<RankedPassage, "id" | "page" | "heading">;
  /** 2 answers the question, 1 helps. */
  grade: 1 | 2;
  /** Exact span of the passage. */
  evidence: string;
}

/** Writes a question set by hand: searches, and appends one line a question. */
export interface QuestionWriter {
  release: string;
  corpus: string;
  /** Absolute path of the question set. */
  file: string;
  /** Questions in the file. */
  count(): number;
  /** The best passages for a text, in served order. */
  find(text: string, k: number): Promise<RankedPassage[]>;
  /**
   * Appends a question; without picks, the docs do not answer it. Throws BadInput if the evidence is not in the
   * passage, BadQuestionSet if the file has become malformed.
   */
  add(question: { query: string; kind: string; picks: PickedPassage[] }): Promise<Question>;
  /** Ends the compute process. */
  close(): Promise<void>;
}

/**
 * Opens a release for writing a question set, which is created or extended. The caller closes it. Throws BadQuestionSet
 * for a malformed file, UnknownRelease, CorruptArtifact, BadModel.
 *
 * @example
 * const writer = await openQuestionWriter(config, "questions.jsonl", { corpus: "k8s" });
 * const [passage] = await writer.find("drain a node", 10);
 * const [evidence] = evidenceSpans("drain a node", passage.text);
 * await writer.add({ query: "drain a node", kind: "howto", picks: [{ passage, grade: 2, evidence }] });
 */
export async function openQuestionWriter(
  config: Places & Computing,
  out: string,
  choice: ReleaseChoice = {},
): Promise<QuestionWriter> {
  const file = resolve(out);
  let questions = questionsIn(await contentOf(file), file);
  const { release, folders } = await openRelease(config, choice);
  const judge = createJudge(await readPassages(folders.ingestDir));
  const searcher = await searcherOf(config, release, folders);
  return {
    release: release.id,
    corpus: release.manifest.corpus,
    file,
    count: () => questions.length,
    find: async (text, k) => (await searcher.search(text, k)).passages,
    async add({ query, kind, picks }) {
      const relevant = picks.map(judgmentOf);
      requireEvidence(judge, relevant);
      const before = await contentOf(file);
      const question = { id: freshId(questionsIn(before, file)), query, kind, relevant };
      questions = await append(file, before, question);
      return questions.at(-1)!;
    },
    close: () => searcher.close(),
  };
}

function judgmentOf({ passage, grade, evidence }: PickedPassage): Judgment {
  return { path: passage.page, heading: passage.heading.at(-1) ?? "", grade, evidence };
}

function requireEvidence(judge: Judge, relevant: readonly Judgment[]): void {
  const lost = relevant.find((judgment) => judge.lacks(judgment) !== null);
  if (lost) throw new WinnowError("BadInput", `${lost.path} does not hold the evidence "${lost.evidence}"`);
}

function questionsIn(content: string, file: string): Question[] {
  return content.trim() === "" ? [] : parseQuestionSet(content, file);
}

/** Content of the file, empty if there is none. Throws BadQuestionSet for anything but a file of text. */
async function contentOf(file: string): Promise<string> {
  try {
    return (await lookAt(file)) === null ? "" : await readGivenText(file, { maxBytes: MAX_BYTES });
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause;
    throw new WinnowError("BadQuestionSet", `cannot add questions to ${file}: it ${cause.message}`, { cause });
  }
}

/** Appends a line in one write, after the loader has accepted `before`, the file, with it. Returns all questions. */
async function append(file: string, before: string, question: object): Promise<Question[]> {
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  const line = `${gap}${JSON.stringify(question)}\n`;
  const questions = parseQuestionSet(before + line, file);
  await appendFile(file, line, { flush: true }).catch((cause) => {
    throw new WinnowError("BadInput", `cannot add questions to ${file}: ${messageOf(cause)}`, { cause });
  });
  return questions;
}

/** The next number after the highest one of an id such as `q012`. */
function freshId(questions: readonly Question[]): string {
  const numbers = questions.map(({ id }) => Number(/^q(\d+)$/.exec(id)?.[1] ?? 0));
  return `q${String(Math.max(0, ...numbers) + 1).padStart(3, "0")}`;
}
