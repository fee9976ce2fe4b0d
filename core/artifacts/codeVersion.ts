import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Steps with a cached result; `train` is four of them where it is done in shards, `evaluate` two. */
export const STEPS = [
  "ingest",
  "changes",
  "embed",
  "build-index",
  "written",
  "mined",
  "train-data",
  "train",
  "pair-scores",
  "evaluate",
] as const;
export type StepName = (typeof STEPS)[number];
/** `scores` is no step: it is what a pair's logit rests on. */
type Code = StepName | "scores";
export type CodeVersions = Record<Code, string>;

const named = (folder: string, ...names: string[]) => names.map((name) => `core/${folder}/${name}.ts`);

/** What of a passage is embedded and scored. */
const WINDOWS = named("corpus", "passageText", "windows", "pack");
const MODEL_CODE = ["core/onnx", "core/models", "core/reranker"];
/** The reranker before training, which evaluate scores beside the tuned one. */
const START_CODE = [
  ...named("training", "baseModel", "export", "exportedNetwork", "group", "licence", "modelCard", "network"),
  ...named("training", "batches", "packedFeeds", "targets", "teachable", "twinCheck", "untrained", "validation"),
  "core/corpus/frontMatter.ts",
];
const MINING = [
  ...["core/training", "core/retrieval", "core/evaluation", ...named("answering", "code", "tables", "textUnits")],
  ...[...WINDOWS, ...MODEL_CODE],
];
const EVALUATION = [
  ...["core/evaluation", "core/retrieval", "contracts/evaluation.ts", "contracts/ask.ts"],
  ...[...WINDOWS, ...START_CODE, ...MODEL_CODE],
];
/** Source files and folders whose change makes a step's cached results stale. */
export const SOURCES: Record<Code, string[]> = {
  ingest: ["core/corpus", ...named("models", "tokenizer", "wholeText")],
  changes: ["core/updates/compareCorpora.ts", "core/corpus/passageText.ts"],
  embed: [
    ...named("retrieval", "embedPassages", "embedPrecision", "embeddingCache", "passageRange"),
    ...[...WINDOWS, ...MODEL_CODE],
  ],
  "build-index": ["core/retrieval", "core/evaluation/random.ts", ...WINDOWS],
  written: [
    ...["core/training/written", "core/evaluation/random.ts", "core/answering/prompt.ts"],
    ...[...named("training", "split", "trainingCorpus"), ...named("retrieval", "stem", "tokenize")],
  ],
  mined: MINING,
  "train-data": MINING,
  train: [
    ...["core/training", "core/autodiff", "core/corpus/frontMatter.ts"],
    ...[...named("evaluation", "charts", "random", "trainingCurve", "twinLimits"), ...MODEL_CODE],
  ],
  "pair-scores": EVALUATION,
  evaluate: EVALUATION,
  scores: MODEL_CODE,
};

/** Digest of each step's source code, so that a new version of Winnow never serves an old version's result. */
export async function readCodeVersions(root: string): Promise<CodeVersions> {
  const digests = await Promise.all(
    Object.entries(SOURCES).map(async ([name, sources]) => [name, await digestOf(root, sources)] as const),
  );
  return Object.fromEntries(digests) as CodeVersions;
}

/** Digest of source files and of folders of them, without tests; paths are relative to `root`. */
export async function digestOf(root: string, sources: string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const file of await filesIn(root, source)) hash.update(file).update(await readFile(join(root, file)));
  }
  return hash.digest("hex");
}

async function filesIn(root: string, source: string): Promise<string[]> {
  if ((await stat(join(root, source))).isFile()) return [source];
  const entries = await readdir(join(root, source), { withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter(({ name }) => name !== "fixtures" && !name.endsWith(".test.ts"))
      .map((entry) => (entry.isDirectory() ? filesIn(root, `${source}/${entry.name}`) : [`${source}/${entry.name}`])),
  );
  return files.flat().sort();
}
