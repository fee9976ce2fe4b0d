/**
 * Makes the pool of candidates of every question about one project, to be graded by readers:
 *   npm run dataset:pool -- --project etcd --docs FOLDER --out FOLDER
 * A pool holds the best passages by BM25, by cosine, by the untrained reranker and as served, and two at random, in
 * random order. Texts go to `--out` only; the repository keeps pointers and grades.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readCliConfig } from "../../config/cliConfig.ts";
import { readJsonLines, writeJsonLines } from "../../core/base/jsonl.ts";
import { seededRandom, shuffled } from "../../core/base/random.ts";
import { type StoredPassage, windowCount, windowInput, windowText } from "../../core/docs/windows.ts";
import { descending } from "../../core/judging/scored.ts";
import type { Reranker } from "../../core/models/crossEncoder.ts";
import { openEmbedder } from "../../core/models/families/index.ts";
import { embedderDir } from "../../core/models/locate.ts";
import type { Candidate, Retriever } from "../../core/retrieval/retriever.ts";
import { DEPTH } from "../../core/stages/work/evaluate.ts";
import { openDocs, openUntrained } from "../scoredSets.ts";
import { type DatasetQuestion, type Pool, questionsFile, textDigest } from "./pools.ts";

/** Candidates chosen by a ranking, and at random. */
const RANKED = 10;
const RANDOM = 2;
/** Questions in one file for a reader. */
const BATCH = 15;

const { values: options } = parseArgs({
  options: { project: { type: "string" }, docs: { type: "string" }, out: { type: "string" } },
});
const { project, docs, out } = options;
if (!project || !docs || !out) {
  console.error("dataset:pool needs --project NAME, --docs FOLDER and --out FOLDER");
  process.exit(2);
}

/** The best of several rankings: first all the firsts, then all the seconds, until there are `count`. */
function bestOf(rankings: readonly number[][], count: number): number[] {
  const best = new Set<number>();
  const depth = Math.max(...rankings.map(({ length }) => length));
  for (let rank = 0; rank < depth; rank++) {
    for (const ranking of rankings) if (best.size < count && rank < ranking.length) best.add(ranking[rank]!);
  }
  return [...best];
}

/** `count` positions below `size` that are not in `taken`. */
function randomOthers(size: number, taken: ReadonlySet<number>, count: number, random: () => number): number[] {
  const others = new Set<number>();
  while (others.size < count) {
    const position = Math.floor(random() * size);
    if (!taken.has(position)) others.add(position);
  }
  return [...others];
}

async function poolOf(question: DatasetQuestion, at: number, retriever: Retriever, reranker: Reranker): Promise<Pool> {
  const { passages } = retriever;
  const vector = await retriever.embedQuestion(question.query);
  const found = await retriever.find(question.query, vector, DEPTH);
  const served = await retriever.rankBy("retrieval", found, DEPTH);
  const inputs = served.map(({ passage, window }) => windowInput(passage, window));
  const logits = await reranker.score(question.query, inputs);
  const places = (ranked: Candidate[]) => ranked.map(({ position }) => position);
  const reranked = descending(logits).map((rank) => served[rank]!.position);
  const [bm25, dense] = [await retriever.rankBy("bm25", found, DEPTH), await retriever.rankBy("dense", found, DEPTH)];
  const ranked = bestOf([places(bm25), places(dense), reranked, places(served)], RANKED);
  const random = seededRandom(at + 1);
  const others = randomOthers(passages.length, new Set([...ranked, ...places(served)]), RANDOM, random);
  return {
    id: question.id,
    candidates: shuffled([...ranked, ...others], random).map((position) => ({
      page: passages.at(position)!.page,
      heading: passages.at(position)!.heading,
      lines: passages.at(position)!.lines,
      text: textDigest(passages.at(position)!),
      windows: windowCount(passages.at(position)!),
      nearest: found.search.nearest(position, vector).window,
      random: others.includes(position),
    })),
    served: served.map(({ position, window, cosine, bm25Share, fused }, rank) => {
      return { position, window, cosine, bm25Share, fused, logit: logits[rank]! };
    }),
  };
}

/** What a reader sees: the question and its candidates, with the parts of long ones marked. */
function sheetOf({ id, query }: DatasetQuestion, pool: Pool, byText: Map<string, StoredPassage>): string {
  const candidates = pool.candidates.map(({ text }, at) => {
    const passage = byText.get(text)!;
    const parts = Array.from({ length: windowCount(passage) }, (_, part) => {
      const mark = windowCount(passage) > 1 ? `<part ${part}>\n` : "";
      return mark + windowText(passage, part);
    });
    return `[${at}] ${passage.heading.join(" > ")}\n${parts.join("\n")}`;
  });
  return [`##### ${id}: ${query}`, ...candidates].join("\n\n");
}

const config = readCliConfig(process.env);
const modelDir = embedderDir(config.cache);
const embedder = await openEmbedder(modelDir);
const folder = join(out, project);
await mkdir(folder, { recursive: true });
const { retriever } = await openDocs(docs, folder, { embedder, modelDir, home: config.home });
const reranker = await openUntrained(retriever, join(folder, "reranker"), modelDir);
const questions = await readJsonLines<DatasetQuestion>(questionsFile(project));
const byText = new Map(Array.from(retriever.passages.values(), (passage) => [textDigest(passage), passage]));
const pools: Pool[] = [];
for (const [at, question] of questions.entries()) pools.push(await poolOf(question, at, retriever, reranker));
await writeJsonLines(join(folder, "pools.jsonl"), pools);
for (let start = 0; start < questions.length; start += BATCH) {
  const sheets = questions
    .slice(start, start + BATCH)
    .map((question, at) => sheetOf(question, pools[start + at]!, byText));
  await writeFile(join(folder, `sheet-${start / BATCH + 1}.txt`), `${sheets.join("\n\n\n")}\n`);
}
console.log(`${project}: ${retriever.passages.length} passages, ${pools.length} pools in ${folder}`);
await reranker.close();
retriever.close();
await embedder.close();
