/**
 * Puts readers' grades beside the pointers of their pools, in `grades/PROJECT.jsonl`, and prints how readers agree:
 *   npm run dataset:grades -- --pools FOLDER --grades FOLDER [--second FOLDER]
 * `--pools` is the `--out` of dataset:pool. A grades folder holds `PROJECT/sheet-N.jsonl`, a line a question. Only
 * questions with a grade for each candidate are taken.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { table } from "../../cli/table.ts";
import { readJsonLines, writeJsonLines } from "../../core/base/jsonl.ts";
import { weightedKappa } from "./kappa.ts";
import {
  type DatasetQuestion,
  type GradedQuestion,
  gradesFile,
  isAnswerableBy,
  type Pool,
  questionsFile,
} from "./pools.ts";

/** A line that a reader writes. */
interface ReadQuestion {
  id: string;
  grades: number[];
  /** By candidate, the part of a long passage that holds the answer. */
  parts: Record<string, number>;
}

const { values: options } = parseArgs({
  options: { pools: { type: "string" }, grades: { type: "string" }, second: { type: "string" } },
});
if (!options.pools || !options.grades) {
  console.error("dataset:grades needs --pools FOLDER and --grades FOLDER");
  process.exit(2);
}
const { pools, grades, second } = options;

async function readBy(folder: string | undefined, project: string): Promise<Map<string, ReadQuestion>> {
  if (!folder || !existsSync(join(folder, project))) return new Map();
  const files = (await readdir(join(folder, project))).filter((name) => /^sheet-\d+\.jsonl$/.test(name));
  const lines = await Promise.all(files.map((name) => readJsonLines<ReadQuestion>(join(folder, project, name))));
  return new Map(lines.flat().map((line) => [line.id, line]));
}

/** Throws if the grades are not one of 0 to 3 for each candidate, or a part is not one of its passage. */
function graded(pool: Pool, read: ReadQuestion, again: ReadQuestion | undefined): GradedQuestion {
  if (read.grades.length !== pool.candidates.length || read.grades.some((grade) => ![0, 1, 2, 3].includes(grade))) {
    throw new Error(`${pool.id}: ${read.grades.length} grades for ${pool.candidates.length} candidates, or not 0 to 3`);
  }
  const candidates = pool.candidates.map(({ page, heading, text, windows, nearest }, at) => {
    const part = read.parts[at] ?? nearest;
    if (!Number.isInteger(part) || part < 0 || part >= windows)
      throw new Error(`${pool.id} [${at}] has no part ${part}`);
    return { page, heading: heading.at(-1) ?? "", text, window: part, nearest, grade: read.grades[at]! };
  });
  return { id: pool.id, candidates, ...(again ? { second: again.grades } : {}) };
}

const rows: string[][] = [];
const twice: [number, number][] = [];
for (const project of (await readdir(grades)).sort()) {
  const [first, other] = [await readBy(grades, project), await readBy(second, project)];
  const questions = new Map(
    (await readJsonLines<DatasetQuestion>(questionsFile(project))).map((line) => [line.id, line]),
  );
  const done = (await readJsonLines<Pool>(join(pools, project, "pools.jsonl"))).flatMap((pool) => {
    const read = first.get(pool.id);
    return read ? [graded(pool, read, other.get(pool.id))] : [];
  });
  await mkdir(dirname(gradesFile(project)), { recursive: true });
  await writeJsonLines(gradesFile(project), done);
  const pairs = done.flatMap(({ candidates, second: again }) =>
    (again ?? []).map((grade, at): [number, number] => [candidates[at]!.grade, grade]),
  );
  twice.push(...pairs);
  const answered = (intent: string) => {
    const of = done.filter(({ id }) => questions.get(id)!.intent === intent);
    return `${of.filter(isAnswerableBy).length} of ${of.length}`;
  };
  const intents = ["answerable", "near", "offtopic"].map(answered);
  rows.push([
    project,
    String(done.length),
    ...intents,
    String(pairs.length),
    pairs.length ? weightedKappa(pairs).toFixed(2) : "",
  ]);
}
console.log("Questions with an answer among their candidates, by what the writer believed\n");
console.log(table(["project", "graded", "answerable", "near", "off-topic", "graded twice", "kappa"], rows));
if (twice.length)
  console.log(`\nquadratically weighted kappa of all ${twice.length}: ${weightedKappa(twice).toFixed(2)}`);
