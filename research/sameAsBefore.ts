/**
 * Shows that a change of structure changed no result. Runs two checkouts on the same docs and compares their output:
 *   node --import tsx research/sameAsBefore.ts --before CHECKOUT --docs DOCS --questions QUESTIONS --work FOLDER
 * Both run the pipeline with one minute of training, then `search --questions`, and 20 steps of `train` on 84 lines of
 * the pairs of the first pipeline. Passages, vectors and tuned weights must be equal to the byte. The passages of every
 * question must have the same order, with scores within 1e-6. A folder that already contains results is not run again.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const PAIRS = 84;
const TOLERANCE = 1e-6;
const here = fileURLToPath(new URL("..", import.meta.url));

const { values } = parseArgs({
  options: {
    before: { type: "string" },
    docs: { type: "string" },
    questions: { type: "string" },
    work: { type: "string" },
    model: { type: "string", default: join(homedir(), ".cache", "winnow", "models", "all-MiniLM-L6-v2") },
  },
});
const needed = (name: "before" | "docs" | "questions" | "work") => {
  const value = values[name];
  if (value) return resolve(value);
  console.error(`--${name} is missing`);
  process.exit(2);
};
const work = needed("work");
const [before, docs, questions] = [needed("before"), needed("docs"), needed("questions")];

interface Made {
  home: string;
  search: string;
  model: string;
}

/** Output of a checkout, in separate files below the work folder. */
function make(name: string, checkout: string): Made {
  const made = {
    home: join(work, `${name}-home`),
    search: join(work, `${name}-search.jsonl`),
    model: join(work, `${name}-train`),
  };
  const winnow = (args: string[]) =>
    execFileSync(process.execPath, [join(checkout, "cli", "winnow.mjs"), ...args, "--json"], {
      cwd: checkout,
      env: { ...process.env, WINNOW_HOME: made.home, WINNOW_THREADS: "2" },
      maxBuffer: 2 ** 30,
      stdio: ["ignore", "pipe", "inherit"],
    });
  mkdirSync(work, { recursive: true });
  if (!existsSync(made.search)) {
    winnow(["run", "--docs", docs, "--name", "docs", "--questions", questions, "--budget", "1"]);
    writeFileSync(made.search, winnow(["search", "", "--questions", questions]));
  }
  const pairs = join(work, "pairs.jsonl");
  if (!existsSync(pairs)) writeFileSync(pairs, pairsOf(made.home));
  const train = ["--pairs", pairs, "--base", values.model, "--out", made.model, "--seed", "17"];
  if (!existsSync(made.model)) winnow(["train", ...train, "--budget", "60", "--epochs", "1"]);
  return made;
}

/** The first training groups of a home, in the format of `winnow train`. */
function pairsOf(home: string): string {
  const lines = readFileSync(only(home, "train", "groups.jsonl"), "utf8")
    .split("\n")
    .slice(0, PAIRS);
  return lines
    .map((line) => {
      const { question, passages } = JSON.parse(line) as { question: string; passages: string[] };
      return `${JSON.stringify({ query: question, positive: passages[0], negatives: passages.slice(1) })}\n`;
    })
    .join("");
}

/** Files of this name in the artifacts of a kind, ordered by content. */
function filesOf(home: string, kind: string, file: string): string[] {
  const folder = join(home, "artifacts", kind);
  const files = readdirSync(folder).map((digest) => join(folder, digest, file));
  return files.filter((path) => existsSync(path)).sort((a, b) => digest([a]).localeCompare(digest([b])));
}

function only(home: string, kind: string, file: string): string {
  const files = filesOf(home, kind, file);
  if (files.length !== 1) throw new Error(`${files.length} artifacts of ${kind} in ${home} hold ${file}, not one`);
  return files[0]!;
}

function digest(files: string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex");
}

interface Line {
  id: string;
  threshold: number;
  abstain: boolean;
  passages: { id: string; scores: Record<string, number | null> }[];
}

/** Largest difference of a score, and questions whose passages have another order. */
function compareSearches(a: string, b: string) {
  const read = (file: string): Line[] =>
    readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  const [left, right] = [read(a), read(b)];
  let largest = 0;
  const reordered: string[] = [];
  for (const [at, { id, passages, threshold, abstain }] of left.entries()) {
    const other = right[at];
    const ids = (line: Pick<Line, "passages">) => line.passages.map((passage) => passage.id).join();
    if (!other || other.id !== id || ids({ passages }) !== ids(other) || abstain !== other.abstain) {
      reordered.push(id);
      continue;
    }
    largest = Math.max(largest, Math.abs(threshold - other.threshold));
    for (const [rank, { scores }] of passages.entries())
      for (const [name, score] of Object.entries(scores))
        largest = Math.max(largest, Math.abs((score ?? 0) - (other.passages[rank]!.scores[name] ?? 0)));
  }
  return { questions: left.length, same: left.length === right.length && reordered.length === 0, largest, reordered };
}

const [a, b] = [make("before", before), make("after", here)];
const bytes = (name: string, kind: string, file: string) => {
  const [left, right] = [filesOf(a.home, kind, file), filesOf(b.home, kind, file)];
  return { name, same: left.length > 0 && digest(left) === digest(right), detail: `${left.length} file(s)` };
};
const precisions = [a, b].map(
  ({ home }) => JSON.parse(readFileSync(only(home, "evaluate", "calibration.json"), "utf8")).precision,
);
const searches = compareSearches(a.search, b.search);
/** The exported weights, and the loss of every step. */
const trained = (made: Made) => digest([join(made.model, "onnx", "model.onnx"), join(made.model, "training.json")]);
const rows = [
  bytes("passages", "ingest", "passages.jsonl"),
  bytes("vectors", "embed", "vectors.f32"),
  bytes("BM25", "build-index", "bm25.bin"),
  bytes("training groups", "train", "groups.jsonl"),
  { name: "precision", same: precisions[0] === precisions[1], detail: precisions.join(", ") },
  { name: "20 steps of training", same: trained(a) === trained(b), detail: trained(a).slice(0, 12) },
  {
    name: `search, ${searches.questions} questions`,
    same: searches.same && searches.largest <= TOLERANCE,
    detail: `largest difference of a score ${searches.largest}${searches.reordered.length ? `, another order: ${searches.reordered.join(" ")}` : ""}`,
  },
];
for (const { name, same, detail } of rows) console.log(`${same ? "same     " : "DIFFERENT"}  ${name} (${detail})`);
process.exit(rows.every(({ same }) => same) ? 0 : 1);
