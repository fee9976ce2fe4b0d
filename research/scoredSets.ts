import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { quietContext } from "../core/base/progress.ts";
import { sourceDigest } from "../core/docs/sourceDigest.ts";
import { type StoredPassage, windowInputs } from "../core/docs/windows.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import { openCrossEncoder, type RerankerOptions } from "../core/models/crossEncoder.ts";
import type { Embedder } from "../core/models/embedder.ts";
import { openBaseModel } from "../core/models/families/index.ts";
import { RARITY } from "../core/models/matching.ts";
import { writeTokenizer } from "../core/models/modelFiles.ts";
import { MODEL_FILES } from "../core/models/onnxFiles.ts";
import { tokenRarity } from "../core/models/rarity.ts";
import { openTokenizer } from "../core/models/tokenizer.ts";
import { writeModel } from "../core/onnx/write.ts";
import { openRetriever, type Retriever } from "../core/retrieval/retriever.ts";
import { buildIndex } from "../core/stages/work/buildIndex.ts";
import { embedPassages } from "../core/stages/work/embedPassages.ts";
import { DEPTH } from "../core/stages/work/evaluate.ts";
import { ingestDocs } from "../core/stages/work/ingest.ts";
import type { RerankTask } from "../core/stages/work/rerankQuestions.ts";
import { scoreQuestions } from "../core/stages/work/scoreQuestions.ts";

/** Docs and a question set about them. */
export interface DocsSet {
  name: string;
  docs: string;
  questions: string;
}

/** The sets of a command that takes nothing but `--set NAME=DOCS=QUESTIONS`, once at least. */
export function givenSets(command: string): DocsSet[] {
  const { values } = parseArgs({ options: { set: { type: "string", multiple: true } } });
  if (values.set) return values.set.map(docsSetOf);
  console.error(`${command} needs at least one --set NAME=DOCS=QUESTIONS`);
  process.exit(2);
}

/** Parses `NAME=DOCS=QUESTIONS`. */
export function docsSetOf(spec: string): DocsSet {
  const [name, docs, questions] = spec.split("=");
  if (name && docs && questions) return { name, docs, questions };
  console.error(`${spec} is not NAME=DOCS=QUESTIONS`);
  process.exit(2);
}

export interface Parts {
  embedder: Embedder;
  modelDir: string;
  /** Folder of the cached vectors and scores. */
  home: string;
}

/** Raise it when the scored pairs or the scoring change. */
const VERSION = "2";

/**
 * Candidates of every question with the scores of retrieval and of the untrained reranker (float32). Cached in `home`
 * by the docs' content, the questions and `VERSION`.
 */
export async function scoredSet(set: DocsSet, parts: Parts): Promise<RerankTask[]> {
  const questions = await readFile(set.questions, "utf8");
  const key = createHash("sha256")
    .update(JSON.stringify([(await sourceDigest(set.docs)).digest, questions, VERSION]))
    .digest("hex")
    .slice(0, 16);
  const file = join(parts.home, "scored-sets", `${set.name}-${key}.json`);
  const kept = await readFile(file, "utf8").catch(() => null);
  if (kept !== null) return JSON.parse(kept, (name, value) => (name === "holders" ? new Set(value) : value));
  const folder = await mkdtemp(join(tmpdir(), "winnow-scored-"));
  try {
    const tasks = await scoreSet(set, folder, parts);
    await mkdir(join(parts.home, "scored-sets"), { recursive: true });
    await writeFile(
      file,
      JSON.stringify(tasks, (_, value) => (value instanceof Set ? [...value] : value)),
    );
    return tasks;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function scoreSet(set: DocsSet, folder: string, parts: Parts): Promise<RerankTask[]> {
  const { embedder } = parts;
  const { retriever } = await openDocs(set.docs, folder, parts);
  const reranker = await openUntrained(retriever, join(folder, "reranker"), parts.modelDir);
  const scoring = { retriever, embedder, rerankers: { untrained: reranker }, depth: DEPTH };
  const { tasks } = await scoreQuestions(await loadQuestionSet(set.questions), scoring, quietContext());
  await reranker.close();
  retriever.close();
  return tasks;
}

/** Ingests, embeds and indexes docs in `folder` as the pipeline does, and opens them. */
export async function openDocs(source: string, folder: string, { embedder, modelDir, home }: Parts) {
  const [ingestDir, embedDir, buildIndexDir] = [join(folder, "ingest"), join(folder, "embed"), join(folder, "index")];
  const context = quietContext();
  await ingestDocs({ source, outDir: ingestDir, tokenizerDir: modelDir }, context);
  const cacheDir = join(home, "embeddings");
  await embedPassages({ passagesDir: ingestDir, outDir: embedDir, modelDir, cacheDir }, context);
  await buildIndex({ passagesDir: ingestDir, embedDirs: [embedDir], outDir: buildIndexDir }, context);
  const dirs = { ingestDir, embedDirs: [embedDir], buildIndexDir };
  return { ...dirs, retriever: await openRetriever({ ...dirs, embedder }) };
}

/** The untrained reranker, with the rarity of each token in these docs. */
export function openUntrained({ passages }: Retriever, dir: string, modelDir: string) {
  return openRerankerFor([...passages.values()], dir, modelDir);
}

/** A reranker, or an embedder with an untrained head, with the rarity of each token in `passages`. */
export function openRerankerFor(passages: readonly StoredPassage[], dir: string, modelDir: string) {
  return openRerankerOver(passages.flatMap(windowInputs), dir, modelDir);
}

/** The same with the rarity of each token in `texts`. */
export async function openRerankerOver(
  texts: Iterable<string>,
  dir: string,
  modelDir: string,
  options?: RerankerOptions,
) {
  const { network, weights } = await openBaseModel(modelDir, 1);
  const tokenizer = await openTokenizer(modelDir);
  weights.set(RARITY, await tokenRarity(tokenizer, texts, network.vocabulary));
  await mkdir(join(dir, "onnx"), { recursive: true });
  await writeFile(join(dir, "onnx", MODEL_FILES.float32), writeModel(network.toModel(weights)));
  await writeTokenizer(modelDir, dir, network.positions);
  return openCrossEncoder(dir, options);
}
