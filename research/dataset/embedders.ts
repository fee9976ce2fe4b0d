/**
 * nDCG@10 of the weighted ranking by each embedder, and by two at once, on graded questions:
 *   npm run dataset:embedders -- --docs FOLDER --project NAME [--project ...] --model FOLDER [--model ...]
 * The first model is the product's own, from the cache. Two at once means the mean of both cosines, each on the scale,
 * over the candidates of both. Differences are to the better of the two alone, paired, with a standard error. A grade of
 * 3 gains 3, of 2 gains 1, as in dataset:retrieval.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { signed } from "../../bench/figures.ts";
import { table } from "../../cli/table.ts";
import { readCliConfig } from "../../config/cliConfig.ts";
import { deviation, mean } from "../../core/base/statistics.ts";
import { openEmbedder } from "../../core/models/families/index.ts";
import { embedderDir } from "../../core/models/locate.ts";
import { weightedFusion } from "../../core/retrieval/fusion.ts";
import type { Retriever } from "../../core/retrieval/retriever.ts";
import { openDocs } from "../scoredSets.ts";
import { isAnswerableBy, readGraded, textDigest } from "./pools.ts";

const ORDERED = 10;
const FOUND = 30;

const { values: options } = parseArgs({
  options: {
    docs: { type: "string" },
    project: { type: "string", multiple: true },
    model: { type: "string", multiple: true },
  },
});
const { docs, project: projects, model: others } = options;
if (!docs || !projects || !others) {
  console.error("dataset:embedders needs --docs FOLDER, --project NAME and --model FOLDER");
  process.exit(2);
}

const { cache, home } = readCliConfig(process.env);
const modelDirs = [embedderDir(cache), ...others];
const names = modelDirs.map((dir) => basename(dir));
const pairs = names.flatMap((_, b) => names.slice(0, b).map((__, a): [number, number] => [a, b]));
const contenders: number[][] = [...names.map((_, at) => [at]), ...pairs];
const labelOf = (of: number[]) => of.map((at) => names[at]).join(" + ");

interface Scored {
  cosine: number;
  bm25: number;
}

const gainOf = (grade: number) => 2 ** Math.max(0, grade - 1) - 1;
const discounted = (gains: number[]) =>
  gains.slice(0, ORDERED).reduce((sum, gain, at) => sum + gain / Math.log2(at + 2), 0);

/** Scores of all candidates of a question, by the digest of the passage's text. */
async function searchedBy(retrievers: Retriever[], query: string): Promise<Map<string, Scored>[]> {
  const found = await Promise.all(
    retrievers.map(async (retriever) => {
      const vector = await retriever.embedQuestion(query);
      return { retriever, vector, found: await retriever.find(query, vector, FOUND) };
    }),
  );
  const positions = new Set(found.flatMap(({ found }) => [...found.search.positions]));
  return found.map(
    ({ retriever, vector, found: { search } }) =>
      new Map(
        Array.from(positions, (position) => [
          textDigest(retriever.passages[position]!),
          { cosine: search.nearest(position, vector).cosine, bm25: search.bm25(position) },
        ]),
      ),
  );
}

function orderBy(of: number[], scores: Map<string, Scored>[], count: number): string[] {
  const texts = [...scores[0]!.keys()];
  const score = (at: number) => ({
    cosine: mean(of.map((model) => scores[model]!.get(texts[at]!)!.cosine)),
    bm25: scores[0]!.get(texts[at]!)!.bm25,
  });
  return weightedFusion(texts.keys(), score, count).map(({ position }) => texts[position]!);
}

/** nDCG@10 of each contender, a row a question. */
async function measured(project: string): Promise<number[][]> {
  const folders: string[] = [];
  const retrievers: Retriever[] = [];
  try {
    for (const modelDir of modelDirs) {
      const folder = await mkdtemp(join(tmpdir(), "winnow-dataset-"));
      folders.push(folder);
      const embedder = await openEmbedder(modelDir);
      retrievers.push((await openDocs(join(docs!, project), folder, { embedder, modelDir, home })).retriever);
    }
    const { length } = retrievers[0]!.passages;
    if (retrievers.some(({ passages }) => passages.length !== length))
      throw new Error(`${project}: the models cut passages differently`);
    const rows: number[][] = [];
    for (const { query, candidates } of (await readGraded(project)).filter(isAnswerableBy)) {
      const gains = new Map(candidates.map(({ text, grade }) => [text, gainOf(grade)]));
      const best = discounted([...gains.values()].sort((a, b) => b - a));
      const scores = await searchedBy(retrievers, query);
      const gainsOf = (of: number[]) => orderBy(of, scores, length).map((text) => gains.get(text) ?? 0);
      rows.push(contenders.map((of) => discounted(gainsOf(of)) / best));
    }
    return rows;
  } finally {
    for (const retriever of retrievers) retriever.close();
    for (const folder of folders) await rm(folder, { recursive: true });
  }
}

const byProject: [string, number[][]][] = [];
for (const project of projects) byProject.push([project, await measured(project)]);
byProject.push(["all", byProject.flatMap(([, rows]) => rows)]);
const lines = byProject.map(([label, rows]) => [
  label,
  String(rows.length),
  ...contenders.map((_, at) => mean(rows.map((row) => row[at]!)).toFixed(3)),
]);
console.log(`nDCG@10 of weighted\n${table(["", "answerable", ...contenders.map(labelOf)], lines)}\n`);
const all = byProject.at(-1)![1];
for (const pair of pairs) {
  const at = contenders.indexOf(pair);
  const alone = pair.reduce((a, b) => (mean(all.map((row) => row[a]!)) >= mean(all.map((row) => row[b]!)) ? a : b));
  const gains = all.map((row) => row[at]! - row[alone]!);
  const error = deviation(gains) / Math.sqrt(gains.length);
  console.log(`${labelOf(pair)} over ${names[alone]} alone: ${signed(mean(gains))} ± ${error.toFixed(3)}`);
}
process.exit(0);
