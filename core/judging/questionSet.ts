import { WinnowError } from "../base/errors.ts";
import { lookAt, MB, readGivenText, Unreadable } from "../base/given/files.ts";
import { isAnswerable, NEAR_TOPIC, type Question, questionSchema } from "./question.ts";
import { readQuestionFolder } from "./questionFolders.ts";

const MAX_BYTES = 100 * MB;
/** More than any set of questions has; the next one is refused before it takes memory. */
const MAX_QUESTIONS = 100_000;
const SHOWN_OF_ID = 60;

/** Problem of a line that `winnow questions draft` wrote, until a person has judged it. */
export const NOT_JUDGED = `not judged yet: put what answers it into "relevant" ("proposed" holds candidates), or set a kind such as "${NEAR_TOPIC}"; then remove "draft"`;

/**
 * Reads a question set: a JSON Lines file, or a folder in BEIR's or TREC's format.
 * Throws `BadQuestionSet` naming file and line.
 */
export async function loadQuestionSet(file: string): Promise<Question[]> {
  const content = await contentOf(file);
  return typeof content === "string" ? parseQuestionSet(content, file) : content;
}

/**
 * Reads a question set for its check: a wrong line is returned with its problem, not thrown. A folder's questions have
 * no line. Throws `BadQuestionSet` for a file that cannot be read.
 */
export async function loadQuestionLines(file: string): Promise<QuestionSetLine[]> {
  const content = await contentOf(file);
  if (typeof content === "string") return [...questionSetLines(content)];
  return content.map((question) => ({ line: null, question, problem: null }));
}

/** Text of the file, or the questions of a folder. */
async function contentOf(file: string): Promise<string | Question[]> {
  try {
    if ((await lookAt(file))?.kind === "folder") return await fromFolder(file);
    return await readGivenText(file, { maxBytes: MAX_BYTES });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new WinnowError("BadQuestionSet", `cannot read the question set ${file}: it ${error.message}`, {
      cause: error,
    });
  }
}

async function fromFolder(folder: string): Promise<Question[]> {
  const questions = await readQuestionFolder(folder);
  if (questions.length === 0)
    throw new WinnowError("BadQuestionSet", `${folder} holds no question with a relevant page`);
  return questions;
}

/** A line of a question set: its question, or why it has none. */
export type QuestionSetLine = { line: number | null } & (
  | { question: Question; problem: null }
  | {
      question: null;
      problem: string;
      /** Text of a question that is not judged yet. */
      query?: string;
    }
);

/** Parses the content of a question set; `file` is the name used in errors. */
export function parseQuestionSet(content: string, file: string): Question[] {
  const questions: Question[] = [];
  for (const { line, question, problem } of questionSetLines(content)) {
    if (!question) throw new WinnowError("BadQuestionSet", `${file}, line ${line}: ${problem}`);
    questions.push(question);
  }
  if (questions.length === 0) throw new WinnowError("BadQuestionSet", `${file} holds no questions`);
  return questions;
}

/** Every line of a question set that is not blank, up to the largest number of questions. */
export function* questionSetLines(content: string): Generator<QuestionSetLine> {
  const firstLine = new Map<string, number>();
  for (const [index, text] of content.split("\n").entries()) {
    const line = index + 1;
    if (text.trim() === "") continue;
    if (firstLine.size === MAX_QUESTIONS) {
      yield { line, question: null, problem: `a question set has at most ${MAX_QUESTIONS} questions` };
      return;
    }
    const read = parseQuestion(text);
    const earlier = typeof read === "string" ? undefined : firstLine.get(read.id);
    if (read === NOT_JUDGED) yield { line, question: null, problem: read, query: JSON.parse(text).query };
    else if (typeof read === "string") yield { line, question: null, problem: read };
    else if (earlier !== undefined)
      yield {
        line,
        question: null,
        problem: `id "${read.id.slice(0, SHOWN_OF_ID)}" was already used on line ${earlier}`,
      };
    else {
      firstLine.set(read.id, line);
      yield { line, question: read, problem: null };
    }
  }
}

/** The question of one line, or the reason why it is none. */
function parseQuestion(line: string): Question | string {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    // JSON.parse quotes the text, and the message reaches Temporal's history: the file may be a secret.
    return "not a JSON object";
  }
  const parsed = questionSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return issue.path.length > 0 ? `field "${issue.path.join(".")}": ${issue.message}` : issue.message;
  }
  const question = parsed.data;
  if (question.draft !== undefined) return NOT_JUDGED;
  if (isAnswerable(question) && question.relevant.length === 0)
    return `field "relevant" is empty: add a judgment, or set a kind such as "${NEAR_TOPIC}"`;
  if (!isAnswerable(question) && question.relevant.length > 0)
    return `kind "${question.kind.slice(0, SHOWN_OF_ID)}" means that the docs do not answer it, but field "relevant" is not empty`;
  return question;
}
