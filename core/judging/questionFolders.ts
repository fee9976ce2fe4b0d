import { join } from "node:path";
import { WinnowError } from "../base/errors.ts";
import { listGiven, MB, readGivenText, Unreadable } from "../base/given/files.ts";
import type { Judgment, Question } from "./question.ts";

const KIND = "question";
const MAX_BYTES = 200 * MB;
const MAX_ENTRIES = 10_000;
/** Judged documents by question id. */
type Judged = Map<string, { document: string; grade: number }[]>;
interface Source {
  queries: Map<string, string>;
  judged: Judged;
}

/**
 * Reads a folder in a common format of retrieval benchmarks. BEIR's has `queries.jsonl` and `qrels/test.tsv`
 * (https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset). TREC's has one `topics*` and one `qrels*` file,
 * as trec_eval reads them. A document is a page by its path in the docs, `page.md`, or one of its sections,
 * `page.md#its-anchor`. Grades of 2 and more answer, grade 1 helps; if no document exceeds 1, grade 1 answers. As in
 * trec_eval, documents of grade 0 or less and questions without a relevant document are left out.
 * Throws BadQuestionSet naming file and line.
 */
export async function readQuestionFolder(folder: string): Promise<Question[]> {
  const names = await namesIn(folder);
  const { queries, judged } = names.includes("queries.jsonl")
    ? await readBeir(folder, names)
    : await readTrec(folder, names);
  const highest = [...judged.values()].flat().reduce((most, { grade }) => Math.max(most, grade), 0);
  return [...queries].flatMap(([id, query]): Question[] => {
    const relevant = (judged.get(id) ?? []).flatMap(({ document, grade }) =>
      grade > 0 ? [judgmentOf(document, highest < 2 || grade >= 2 ? 2 : 1)] : [],
    );
    return relevant.length === 0 ? [] : [{ id, query, kind: KIND, relevant, mustPass: false }];
  });
}

function judgmentOf(document: string, grade: 1 | 2): Judgment {
  const [path, anchor] = document.split("#") as [string, string?];
  return { path, heading: "", grade, ...(anchor ? { anchor } : {}) };
}

async function readBeir(folder: string, names: string[]): Promise<Source> {
  if (!names.includes("qrels")) throw missing(folder, "BEIR's queries.jsonl, but no qrels folder");
  const splits = (await namesIn(join(folder, "qrels"))).filter((name) => name.endsWith(".tsv"));
  const split = splits.includes("test.tsv") ? "test.tsv" : splits[0];
  if (split === undefined || (splits.length > 1 && split !== "test.tsv")) {
    throw missing(
      join(folder, "qrels"),
      `${splits.slice(0, 5).join(", ") || "no .tsv"} but needs test.tsv or a single file`,
    );
  }
  const queries = new Map<string, string>();
  await eachLine(join(folder, "queries.jsonl"), (line, fail) => {
    const { _id: id, text } = parsed(line, fail);
    if (typeof id !== "string" || typeof text !== "string" || text.trim() === "") {
      return fail('expected {"_id": "...", "text": "..."}');
    }
    keep(queries, id, text.trim(), fail);
  });
  const judged: Judged = new Map();
  await eachLine(join(folder, "qrels", split), (line, fail, number) => {
    const [query, document, grade] = line.split("\t");
    if (number === 1 && /^query-?id\b/i.test(line)) return;
    judge(judged, query, document, grade, fail);
  });
  return { queries, judged };
}

async function readTrec(folder: string, names: string[]): Promise<Source> {
  const only = (prefix: string) => {
    const found = names.filter((name) => name.toLowerCase().startsWith(prefix));
    if (found.length === 1) return join(folder, found[0]!);
    const wanted = "a question set is a JSON Lines file or a folder in BEIR's or TREC's format";
    throw missing(
      folder,
      `${found.length || "no"} file named ${prefix}*, but TREC's format has one topics* and one qrels* file; ${wanted}`,
    );
  };
  const [topics, qrels] = [only("topics"), only("qrels")];
  const judged: Judged = new Map();
  await eachLine(qrels, (line, fail) => {
    const [query, , document, grade] = line.trim().split(/\s+/);
    judge(judged, query, document, grade, fail);
  });
  return { queries: await readTopics(topics), judged };
}

/** `<top>` blocks with number and title, or lines of an id, a tab and the question. */
async function readTopics(file: string): Promise<Map<string, string>> {
  const queries = new Map<string, string>();
  const content = await textOf(file);
  if (!/<top>/i.test(content)) {
    await eachLine(file, (line, fail) => {
      const [id, query] = line.split("\t");
      if (!id?.trim() || !query?.trim()) return fail("expected an id, a tab and a question, or <top> blocks");
      keep(queries, id.trim(), query.trim(), fail);
    });
    return queries;
  }
  for (const [at, block] of content.split(/<top>/i).slice(1).entries()) {
    const fail = (reason: string): never => {
      throw new WinnowError("BadQuestionSet", `${file}, topic ${at + 1}: ${reason}`);
    };
    const id = /<num>\s*(?:Number:\s*)?([^\s<]+)/i.exec(block)?.[1];
    const title = /<title>\s*(?:Topic:\s*)?([^<]*)/i.exec(block)?.[1]?.replace(/\s+/g, " ").trim();
    if (!id || !title) fail("it lacks <num> or <title>");
    keep(queries, id!, title!, fail);
  }
  return queries;
}

type Fail = (reason: string) => never;

function judge(judged: Judged, query = "", document = "", grade = "", fail: Fail): void {
  if (!query.trim() || !document.trim() || !/^-?\d+$/.test(grade.trim())) {
    fail("expected a question's id, a document and a whole number");
  }
  const judgment = { document: document.trim(), grade: Number(grade) };
  const known = judged.get(query.trim());
  if (known) known.push(judgment);
  else judged.set(query.trim(), [judgment]);
}

function keep(queries: Map<string, string>, id: string, query: string, fail: Fail): void {
  if (queries.has(id)) fail(`id "${id.slice(0, 60)}" was used before`);
  queries.set(id, query);
}

async function eachLine(file: string, take: (line: string, fail: Fail, number: number) => void): Promise<void> {
  for (const [index, line] of (await textOf(file)).split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const fail = (reason: string): never => {
      throw new WinnowError("BadQuestionSet", `${file}, line ${index + 1}: ${reason}`);
    };
    take(line, fail, index + 1);
  }
}

function textOf(file: string): Promise<string> {
  return reading(file, () => readGivenText(file, { maxBytes: MAX_BYTES }));
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await reading(folder, () => listGiven(folder, MAX_ENTRIES));
  return entries.map(({ name }) => name);
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause;
    throw new WinnowError("BadQuestionSet", `${path} ${cause.message}`, { cause });
  }
}

function parsed(line: string, fail: Fail): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Reported below.
  }
  return fail("not a JSON object");
}

function missing(where: string, what: string): WinnowError {
  return new WinnowError("BadQuestionSet", `${where} holds ${what}`);
}
