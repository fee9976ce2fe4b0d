/**
 * Rebuilds the graded groups of one project from a folder with its docs:
 *   npm run dataset:groups -- --project etcd --docs FOLDER --out FILE [--fused]
 * A line of the result is `{"id", "question", "passages": [TEXT, ...], "grades": [0-3, ...]}`; a passage is what the
 * reranker reads: heading trail and window. With `--fused` the docs are embedded, and a line has `fused`, the score by
 * which retrieval orders each passage, or the least of the 200 best for one that is not among them. Fails if the docs are not those that were graded.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readCliConfig } from "../../config/cliConfig.ts";
import { readPassages } from "../../core/artifacts/passages.ts";
import { writeJsonLines } from "../../core/base/jsonl.ts";
import { quietContext } from "../../core/base/progress.ts";
import { windowInput } from "../../core/docs/windows.ts";
import { openEmbedder } from "../../core/models/families/index.ts";
import { embedderDir } from "../../core/models/locate.ts";
import { ingestDocs } from "../../core/stages/work/ingest.ts";
import { openDocs } from "../scoredSets.ts";
import { readGraded, textDigest } from "./pools.ts";

/** Passages that retrieval scores. */
const DEPTH = 200;

const { values: options } = parseArgs({
  options: {
    project: { type: "string" },
    docs: { type: "string" },
    out: { type: "string" },
    fused: { type: "boolean" },
  },
});
const { project, docs, out } = options;
if (!project || !docs || !out) {
  console.error("dataset:groups needs --project NAME, --docs FOLDER and --out FILE");
  process.exit(2);
}

/** The fused score of each graded passage, by the question's id. */
async function fusedScores(graded: Awaited<ReturnType<typeof readGraded>>): Promise<Map<string, number[]>> {
  const { cache, home } = readCliConfig(process.env);
  const modelDir = embedderDir(cache);
  const embedder = await openEmbedder(modelDir);
  const { retriever } = await openDocs(docs!, join(folder, "docs"), { embedder, modelDir, home });
  const scores = new Map<string, number[]>();
  for (const { id, query, candidates } of graded) {
    const found = await retriever.find(query, await retriever.embedQuestion(query), DEPTH);
    const ranked = await retriever.rankBy("retrieval", found, DEPTH);
    const known = new Map(ranked.map(({ passage, fused }) => [textDigest(passage), fused]));
    const least = Math.min(...known.values());
    scores.set(
      id,
      candidates.map(({ text }) => known.get(text) ?? least),
    );
  }
  retriever.close();
  await embedder.close();
  return scores;
}

const folder = await mkdtemp(join(tmpdir(), "winnow-groups-"));
try {
  const tokenizerDir = embedderDir(readCliConfig(process.env).cache);
  await ingestDocs({ source: docs, outDir: folder, tokenizerDir }, quietContext());
  const passages = new Map((await readPassages(folder)).map((passage) => [textDigest(passage), passage]));
  const graded = await readGraded(project);
  const all = graded.flatMap(({ candidates }) => candidates);
  const gone = all.filter(({ text }) => !passages.has(text));
  if (gone.length) {
    console.error(
      `${docs} lacks ${gone.length} of ${all.length} graded passages, the first under "${gone[0]!.heading}" of ` +
        `${gone[0]!.page}: check out the commits of projects.json, and the Winnow version that the grades are of`,
    );
    process.exit(1);
  }
  const fused = options.fused ? await fusedScores(graded) : null;
  const groups = graded.map(({ id, query, candidates }) => ({
    id,
    question: query,
    passages: candidates.map(({ text, window }) => windowInput(passages.get(text)!, window)),
    grades: candidates.map(({ grade }) => grade),
    ...(fused ? { fused: fused.get(id)! } : {}),
  }));
  await writeJsonLines(out, groups);
  console.log(`${project}: ${groups.length} questions with ${all.length} graded passages in ${out}`);
} finally {
  await rm(folder, { recursive: true });
}
