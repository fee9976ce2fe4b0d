// npm run check:interop: loads trained model folders unchanged in sentence-transformers and transformers.js. Their raw
// logits must equal Winnow's to 1e-4. Creates a Python environment in the cache (3 GB) unless WINNOW_BENCH_PYTHON names
// one with sentence-transformers and optimum-onnx. An argument limits it to models whose names contain it.
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AutoModelForSequenceClassification, AutoTokenizer, env } from "@xenova/transformers";
import { quietContext } from "../../core/base/progress.ts";
import { openCrossEncoder } from "../../core/models/crossEncoder.ts";
import { embedderDir } from "../../core/models/locate.ts";
import { MODEL_FILES } from "../../core/models/onnxFiles.ts";
import { integerProductsSaturate } from "../../core/onnx/integerProducts.ts";
import { trainCrossEncoder } from "../../core/training/loop/trainer.ts";
import { cache, outputOf, pythonWith } from "./python.ts";

const TOLERANCE = 1e-4;
const PACKAGES = ["torch", "sentence-transformers==5.2.0", "optimum==2.1.0", "optimum-onnx==0.1.0", "onnxruntime"];
/** Fits the 40 tokens of the smallest base. Beyond the limit, transformers.js also cuts off the last separator. */
const CASES = {
  question: "what is a pod",
  passages: [
    "the pod runs a container in a node",
    "create a job with a file",
    "delete the red service",
    "a Node runs 12 pods",
  ],
};
const EXPORTS = ["bert", "distilbert", "roberta", "xlm-roberta"];
/** Built from safetensors, like the next: with a trained head, and encoders that get a fresh one. */
const BERTS = [...EXPORTS, "modular"]
  .map((name) => `rerankers/${name}`)
  .concat("embedders/distilbert", "embedders/roberta");
/** Built from safetensors: a classifier, a modular reranker, and an encoder that gets a fresh head. */
const MODERNBERTS = ["classifier", "modular", "embedder"];
const own = (path: string) => fileURLToPath(new URL(path, import.meta.url));

function pythonWithPeer(): Promise<string> {
  const named = process.env.WINNOW_BENCH_PYTHON;
  return named ? Promise.resolve(named) : pythonWith("interop-venv", PACKAGES, "3 GB, some minutes");
}

/** Fine-tunes a base for two steps. */
async function tuned(baseDir: string, scratch: string): Promise<string> {
  const outDir = await mkdtemp(join(scratch, "model-"));
  const groups = CASES.passages.map((passage, i) => ({
    question: CASES.question,
    passages: [passage, ...CASES.passages.filter((_, other) => other !== i)],
  }));
  const limits = { maxSteps: 2, questionsPerStep: 1, budgetMinutes: 5, seed: 17 };
  const checkpointDir = join(scratch, "checkpoints");
  await trainCrossEncoder({ baseDir, outDir, checkpointDir, groups, validation: [], ...limits }, quietContext());
  return outDir;
}

async function ofWinnow(folder: string, precision: "float32" | "int8"): Promise<number[]> {
  const model = await openCrossEncoder(folder, { precision });
  try {
    return await model.score(CASES.question, CASES.passages);
  } finally {
    await model.close();
  }
}

async function ofTransformersJs(folder: string, dtype: "fp32" | "q8"): Promise<number[]> {
  env.allowRemoteModels = false;
  const tokenizer = await AutoTokenizer.from_pretrained(folder, { local_files_only: true });
  const model = await AutoModelForSequenceClassification.from_pretrained(folder, { local_files_only: true, dtype });
  const questions = CASES.passages.map(() => CASES.question);
  const inputs = tokenizer(questions, { text_pair: CASES.passages, padding: true, truncation: true });
  const { logits } = await model(inputs);
  await model.dispose();
  return Array.from(logits.data as Float32Array);
}

const difference = (a: number[], b: number[]) =>
  a.length === b.length ? Math.max(...a.map((logit, i) => Math.abs(logit - b[i]!))) : Number.POSITIVE_INFINITY;

const scratch = await mkdtemp(join(tmpdir(), "winnow-interop-"));
let failed = 0;
function report(model: string, peer: string, off: number, limit: number): void {
  if (!(off <= limit)) failed++;
  console.log(
    `${off <= limit ? "✔" : "✘"} ${model.padEnd(21)} ${peer.padEnd(30)} largest difference ${off.toExponential(1)}`,
  );
}
try {
  const python = await pythonWithPeer();
  const minilm = embedderDir(cache);
  const bases = [
    ...EXPORTS.map((name): [string, string] => [
      `${name} export`,
      own(`../../core/training/loop/fixtures/exports/${name}`),
    ]),
    ...BERTS.map((name): [string, string] => [name, own(`../../core/models/families/bert/fixtures/${name}`)]),
    ...MODERNBERTS.map((name): [string, string] => [
      `ModernBERT ${name}`,
      own(`../../core/models/families/modernbert/fixtures/${name}`),
    ]),
  ];
  if (existsSync(minilm)) bases.unshift(["all-MiniLM-L6-v2", minilm]);
  else console.log(`○ all-MiniLM-L6-v2: skipped, it is not in ${minilm}`);
  const wanted = bases.filter(([name]) => name.includes(process.argv[2] ?? ""));
  const folders: string[] = [];
  for (const [name, base] of wanted) {
    console.log(`fine-tuning ${name} for two steps`);
    folders.push(await tuned(base, scratch));
  }
  const saturates = await integerProductsSaturate();
  const cases = join(scratch, "cases.json");
  await writeFile(cases, JSON.stringify(CASES));
  const lines = (await outputOf(python, [own("peer.py"), cases, ...folders])).trim().split("\n");
  for (const [i, [name]] of wanted.entries()) {
    const exact = await ofWinnow(folders[i]!, "float32");
    report(name, "sentence-transformers", difference(exact, JSON.parse(lines[i]!)), TOLERANCE);
    report(name, "transformers.js", difference(exact, await ofTransformersJs(folders[i]!, "fp32")), TOLERANCE);
    // Each token has a scale, so int8 logits do not depend on their batch. Rounding to 8 bits amplifies last-bit
    // differences.
    const spread = Math.max(...exact) - Math.min(...exact);
    if (saturates || !existsSync(join(folders[i]!, "onnx", MODEL_FILES.int8))) {
      console.log(
        `○ ${name}, int8: skipped, ${saturates ? "this processor gets integer products wrong" : "it has no twin"}`,
      );
      continue;
    }
    const twin = await ofWinnow(folders[i]!, "int8");
    report(
      `${name}, int8`,
      "transformers.js",
      difference(twin, await ofTransformersJs(folders[i]!, "q8")),
      0.02 * spread,
    );
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;
