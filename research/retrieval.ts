/**
 * Effect of passage size, window size and fusion on retrieval, on one corpus and question set without training:
 *   npm run bench:retrieval -- --docs PATH --questions FILE [--sizes 176/176,448/448,448/160] [--precision float32|int8]
 *     [--embedder FOLDER] [--unscaled]
 * `--embedder` is a model folder, by default all-MiniLM-L6-v2; `--unscaled` leaves its cosines as they are.
 * A size is the wordpieces of a passage / of the windows that are embedded. Vectors are read from and written to the
 * embedding cache of WINNOW_HOME; everything else is made in a temporary folder.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { table } from "../cli/table.ts";
import { readCliConfig } from "../config/cliConfig.ts";
import { PRECISIONS } from "../contracts/evaluation.ts";
import { readIndexMeta, writeIndexMeta } from "../core/artifacts/searchIndex.ts";
import { quietContext } from "../core/base/progress.ts";
import { questionMetrics, recallAt } from "../core/judging/metrics.ts";
import { isAnswerable, type Question } from "../core/judging/question.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { createJudge, rankJudgments } from "../core/judging/relevance.ts";
import type { Embedder } from "../core/models/embedder.ts";
import { openEmbedder } from "../core/models/families/index.ts";
import { embedderDir } from "../core/models/locate.ts";
import { openRetriever, type RetrievalRanking, type Retriever } from "../core/retrieval/retriever.ts";
import { buildIndex } from "../core/stages/work/buildIndex.ts";
import { embedPassages } from "../core/stages/work/embedPassages.ts";
import { ingestDocs } from "../core/stages/work/ingest.ts";

const RANKINGS: [RetrievalRanking, string][] = [
  ["bm25", "BM25"],
  ["dense", "dense"],
  ["rrf", "retrieval (RRF, k = 60)"],
  ["weighted", "weighted"],
  ["feedback", "the same with feedback"],
  ["retrieval", "the same with headings, as served"],
];
const DEEPEST = 100;

const { values: options } = parseArgs({
  options: {
    docs: { type: "string" },
    questions: { type: "string" },
    precision: { type: "string" },
    embedder: { type: "string" },
    unscaled: { type: "boolean", default: false },
    sizes: { type: "string", default: "176/176,448/448,448/160" },
  },
});
if (!options.docs || !options.questions) {
  console.error("bench:retrieval needs --docs PATH and --questions FILE");
  process.exit(2);
}
const { docs, questions: questionsFile } = options;
const precision = z.enum(PRECISIONS).optional().parse(options.precision);
const config = readCliConfig(process.env);
const modelDir = options.embedder ?? embedderDir(config.cache);

/** Builds the artifacts of one choice of sizes in a separate folder. */
async function build(home: string, [passage, window]: [number, number]): Promise<Retriever> {
  const [ingestDir, embedDir, buildIndexDir] = ["ingest", "embed", "index"].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];
  const context = quietContext();
  await ingestDocs({ source: docs, outDir: ingestDir, tokenizerDir: modelDir, sizes: { passage, window } }, context);
  const cacheDir = join(config.home, "embeddings");
  await embedPassages({ passagesDir: ingestDir, outDir: embedDir, modelDir, cacheDir, precision }, context);
  await buildIndex({ passagesDir: ingestDir, embedDirs: [embedDir], outDir: buildIndexDir }, context);
  if (options.unscaled) {
    const { cosines: _, ...meta } = await readIndexMeta(buildIndexDir);
    await writeIndexMeta(buildIndexDir, meta);
  }
  return openRetriever({ ingestDir, embedDirs: [embedDir], buildIndexDir, embedder });
}

/** Mean metrics of each ranking over the answerable questions that are not stale. */
async function rowsOf(retriever: Retriever, questions: Question[]): Promise<string[][]> {
  const judge = createJudge(await retriever.lookUp({}));
  const live = questions.map((question) => ({ question, resolved: judge.resolve(question) }));
  const judged = live.filter(({ question, resolved }) => isAnswerable(question) && !resolved.stale);
  const vectors = await embedder.embed({ questions: judged.map(({ question }) => question.query) });
  const row = async ([ranking, name]: (typeof RANKINGS)[number]) => {
    const grades = judged.map(async ({ question, resolved }, i) => {
      const vector = vectors.subarray(i * embedder.dim, (i + 1) * embedder.dim);
      const found = await retriever.rankBy(ranking, await retriever.find(question.query, vector, DEEPEST), DEEPEST);
      const positions = found.map(({ position }) => position);
      return rankJudgments(resolved.judgments, positions);
    });
    const graded = await Promise.all(grades);
    const mean = (value: (at: number) => number) =>
      (graded.reduce((sum, _, at) => sum + value(at), 0) / graded.length).toFixed(3);
    const metric = (key: "ndcg@10" | "mrr@10" | "hit@1") => mean((at) => questionMetrics(graded[at]!)[key]);
    const recall = (k: number) => mean((at) => recallAt(k, graded[at]!));
    return [name, metric("ndcg@10"), metric("mrr@10"), metric("hit@1"), recall(10), recall(30), recall(100)];
  };
  return Promise.all(RANKINGS.map(row));
}

const embedder: Embedder = await openEmbedder(modelDir);
const questions = await loadQuestionSet(questionsFile);
const rows: string[][] = [];
for (const size of options.sizes.split(",")) {
  const sizes = size.split("/").map(Number) as [number, number];
  if (sizes.length !== 2 || !sizes.every((n) => n >= 32)) throw new Error(`--sizes: ${size} is not PASSAGE/WINDOW`);
  const home = await mkdtemp(join(tmpdir(), "winnow-retrieval-"));
  try {
    const retriever = await build(home, sizes);
    for (const row of await rowsOf(retriever, questions)) rows.push([size, String(retriever.passages.length), ...row]);
    retriever.close();
  } finally {
    await rm(home, { recursive: true });
  }
}
await embedder.close();
console.log(`${cpus().length} x ${cpus()[0]!.model}, ${new Date().toISOString().slice(0, 10)}\n`);
const head = ["size", "passages", "ranking", "nDCG@10", "MRR@10", "hit@1", "recall@10", "recall@30", "recall@100"];
console.log(table(head, rows));
