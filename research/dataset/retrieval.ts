/**
 * nDCG@10 and recall@30 of each ranking of retrieval on graded questions, and what each step gains, by project and
 * style:
 *   npm run dataset:retrieval -- --docs FOLDER --project NAME [--project ...] [--model FOLDER]
 * `--docs` holds a folder a project, as dataset:docs makes them, `--model` an embedder. Vectors are cached in WINNOW_HOME. A grade of 3 gains 3,
 * of 2 gains 1. Passages that no reader saw count as irrelevant: the pools hold the best of BM25, dense search and the
 * untrained reranker, so what only another ranking finds is not credited. The last table is the weighted ranking with
 * other weights of BM25, as multiples of the product's: an embedder on the scale needs no weight of its own.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { withError } from "../../bench/figures.ts";
import { table } from "../../cli/table.ts";
import { readCliConfig } from "../../config/cliConfig.ts";
import { mean } from "../../core/base/statistics.ts";
import { openEmbedder } from "../../core/models/families/index.ts";
import { embedderDir } from "../../core/models/locate.ts";
import { weightedFusion } from "../../core/retrieval/fusion.ts";
import type { Found, RetrievalRanking, Retriever } from "../../core/retrieval/retriever.ts";
import { openDocs } from "../scoredSets.ts";
import { discounted, gainOf } from "./gains.ts";
import { isAnswerableBy, readGraded, textDigest } from "./pools.ts";

const FOUND = 30;
const RANKINGS: RetrievalRanking[] = ["bm25", "dense", "rrf", "weighted", "feedback", "retrieval"];
/** Each step, and what it comes after. */
const STEPS: [string, RetrievalRanking, RetrievalRanking][] = [
  ["weights", "weighted", "rrf"],
  ["feedback", "feedback", "weighted"],
  ["headings", "retrieval", "feedback"],
];
/** Multiples of BM25's weight. */
const WEIGHTS = [0.5, 0.65, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2];

const { values: options } = parseArgs({
  options: {
    docs: { type: "string" },
    project: { type: "string", multiple: true },
    model: { type: "string" },
  },
});
const { docs, project: projects } = options;
if (!docs || !projects) {
  console.error("dataset:retrieval needs --docs FOLDER and --project NAME");
  process.exit(2);
}

interface Measured {
  project: string;
  style: string;
  ndcg: Record<string, number>;
  recall: Record<string, number>;
  /** nDCG@10 of the weighted ranking, by multiple of BM25's weight. */
  weights: number[];
}

const { cache, home } = readCliConfig(process.env);
const modelDir = options.model ?? embedderDir(cache);
const embedder = await openEmbedder(modelDir);

async function measured(project: string): Promise<Measured[]> {
  const folder = await mkdtemp(join(tmpdir(), "winnow-dataset-"));
  try {
    const { retriever } = await openDocs(join(docs!, project), folder, { embedder, modelDir, home });
    const rows: Measured[] = [];
    for (const { query, style, candidates } of (await readGraded(project)).filter(isAnswerableBy)) {
      const found = await retriever.find(query, await retriever.embedQuestion(query), FOUND);
      const gains = new Map(candidates.map(({ text, grade }) => [text, gainOf(grade)]));
      const pooled = [...gains.values()].sort((a, b) => b - a);
      const all = pooled.filter((gain) => gain > 0).length;
      const gainsOf = (texts: string[]) => [...new Set(texts)].map((text) => gains.get(text) ?? 0);
      const ordered = (multiple: number) => gainsOf(textsBy(retriever, found, multiple));
      const weights = WEIGHTS.map((multiple) => discounted(ordered(multiple)) / discounted(pooled));
      const row: Measured = { project, style, ndcg: {}, recall: {}, weights };
      for (const ranking of RANKINGS) {
        const ranked = await retriever.rankBy(ranking, found, FOUND);
        // Two passages of the same text count once.
        const order = gainsOf(ranked.map(({ passage }) => textDigest(passage)));
        row.ndcg[ranking] = discounted(order) / discounted(pooled);
        row.recall[ranking] = order.filter((gain) => gain > 0).length / all;
      }
      rows.push(row);
    }
    retriever.close();
    return rows;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Digests of the passages' texts, best first, by cosine and `multiple` times the usual weight of BM25. */
function textsBy({ passages }: Retriever, { search, vector }: Found, multiple: number): string[] {
  const score = (at: number) => ({
    cosine: search.nearest(at, vector).cosine,
    bm25: multiple * search.bm25(at),
  });
  const best = weightedFusion(search.positions, score, passages.length).slice(0, FOUND);
  return best.map(({ position }) => textDigest(passages.at(position)!));
}

/** Mean of a paired difference with its standard error. */
function difference(rows: Measured[], of: "ndcg" | "recall", [, after, before]: (typeof STEPS)[number]): string {
  return withError(rows.map((row) => row[of][after]! - row[of][before]!));
}

const rows: Measured[] = [];
for (const project of projects) rows.push(...(await measured(project)));
await embedder.close();
const groups: [string, Measured[]][] = [
  ...projects.map((name): [string, Measured[]] => [name, rows.filter(({ project }) => project === name)]),
  ...[...new Set(rows.map(({ style }) => style))].map((name): [string, Measured[]] => [
    name,
    rows.filter(({ style }) => style === name),
  ]),
  ["all", rows],
];
for (const [of, name] of [["ndcg", "nDCG@10"] as const, ["recall", "recall@30"] as const]) {
  const lines = groups.map(([label, own]) => [
    label,
    String(own.length),
    ...RANKINGS.map((ranking) => mean(own.map((row) => row[of][ranking]!)).toFixed(3)),
    ...STEPS.map((step) => difference(own, of, step)),
  ]);
  console.log(`${name}\n${table(["", "answerable", ...RANKINGS, ...STEPS.map(([step]) => step)], lines)}\n`);
}

const byWeight = groups.map(([label, own]) => [
  label,
  ...WEIGHTS.map((_, at) => mean(own.map(({ weights }) => weights[at]!)).toFixed(3)),
]);
console.log(`nDCG@10 of weighted, by multiple of BM25's weight\n${table(["", ...WEIGHTS.map(String)], byWeight)}`);
