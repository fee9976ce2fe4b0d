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
import { withError } from "../../bench/figures.ts";
import { table } from "../../cli/table.ts";
import { readCliConfig } from "../../config/cliConfig.ts";
import { mean } from "../../core/base/statistics.ts";
import type { Embedder } from "../../core/models/embedder.ts";
import { openEmbedder } from "../../core/models/families/index.ts";
import { embedderDir } from "../../core/models/locate.ts";
import { weightedFusion } from "../../core/retrieval/fusion.ts";
import type { Retriever } from "../../core/retrieval/retriever.ts";
import { openDocs } from "../scoredSets.ts";
import { discounted, gainOf } from "./gains.ts";
import { isAnswerableBy, readGraded, textDigest } from "./pools.ts";

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
const embedders: Embedder[] = [];
for (const modelDir of modelDirs) embedders.push(await openEmbedder(modelDir));
const names = modelDirs.map((dir) => basename(dir));
const pairs = names.flatMap((_, b) => names.slice(0, b).map((__, a): [number, number] => [a, b]));
const contenders: number[][] = [...names.map((_, at) => [at]), ...pairs];
const labelOf = (of: number[]) => of.map((at) => names[at]).join(" + ");

interface Scored {
  cosine: number;
  bm25: number;
}

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
          textDigest(retriever.passages.at(position)!),
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
  const folder = await mkdtemp(join(tmpdir(), "winnow-dataset-"));
  const retrievers: Retriever[] = [];
  try {
    for (const [at, modelDir] of modelDirs.entries()) {
      const parts = { embedder: embedders[at]!, modelDir, home };
      retrievers.push((await openDocs(join(docs!, project), join(folder, String(at)), parts)).retriever);
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
    await rm(folder, { recursive: true });
  }
}

const byProject: [string, number[][]][] = [];
for (const project of projects) byProject.push([project, await measured(project)]);
for (const embedder of embedders) await embedder.close();
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
  console.log(`${labelOf(pair)} over ${names[alone]} alone: ${withError(gains)}`);
}
