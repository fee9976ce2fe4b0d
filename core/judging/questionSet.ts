import { WinnowError } from "../base/errors.ts";
import { lookAt, MB, readGivenText, Unreadable } from "../base/given/files.ts";
import { isAnswerable, NEAR_TOPIC, type Question, questionSchema } from "./question.ts";
import { readQuestionFolder } from "./questionFolders.ts";

const MAX_BYTES = 100 * MB;
/** More than any set of questions has; the next one is refused before it takes memory. */
const MAX_QUESTIONS = 100_000;
const SHOWN_OF_ID = 60;

/**
 * Reads a question set: a JSON Lines file, or a folder in BEIR's or TREC's format.
 * Throws `BadQuestionSet` naming file and line.
 */
export async function loadQuestionSet(file: string): Promise<Question[]> {
  let content: string;
  try {
    if ((await lookAt(file))?.kind === "folder") return await fromFolder(file);
    content = await readGivenText(file, { maxBytes: MAX_BYTES });
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new WinnowError("BadQuestionSet", `cannot read the question set ${file}: it ${error.message}`, {
      cause: error,
    });
  }
  return parseQuestionSet(content, file);
}

async function fromFolder(folder: string): Promise<Question[]> {
  const questions = await readQuestionFolder(folder);
  if (questions.length === 0)
    throw new WinnowError("BadQuestionSet", `${folder} holds no question with a relevant page`);
  return questions;
}

/** Parses the content of a question set; `file` is the name used in errors. */
export function parseQuestionSet(content: string, file: string): Question[] {
  const firstLine = new Map<string, number>();
  const questions: Question[] = [];
  for (const [index, line] of content.split("\n").entries()) {
    if (line.trim() === "") continue;
    const fail = (reason: string): never => {
      throw new WinnowError("BadQuestionSet", `${file}, line ${index + 1}: ${reason}`);
    };
    const question = parseQuestion(line, fail);
    const earlier = firstLine.get(question.id);
    if (earlier !== undefined) fail(`id "${question.id.slice(0, SHOWN_OF_ID)}" was already used on line ${earlier}`);
    if (questions.length === MAX_QUESTIONS) fail(`a question set has at most ${MAX_QUESTIONS} questions`);
    firstLine.set(question.id, index + 1);
    questions.push(question);
  }
  if (questions.length === 0) throw new WinnowError("BadQuestionSet", `${file} holds no questions`);
  return questions;
}

function parseQuestion(line: string, fail: (reason: string) => never): Question {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    // JSON.parse quotes the text, and the message reaches Temporal's history: the file may be a secret.
    return fail("not a JSON object");
  }
  const parsed = questionSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    return fail(issue.path.length > 0 ? `field "${issue.path.join(".")}": ${issue.message}` : issue.message);
  }
  const question = parsed.data;
  if (isAnswerable(question) && question.relevant.length === 0)
    return fail(`field "relevant" is empty: add a judgment, or set a kind such as "${NEAR_TOPIC}"`);
  if (!isAnswerable(question) && question.relevant.length > 0)
    return fail(
      `kind "${question.kind.slice(0, SHOWN_OF_ID)}" means that the docs do not answer it, but field "relevant" is not empty`,
    );
  return question;
}
