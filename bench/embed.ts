/**
 * Embedding the windows of the sample docs, side by side: Winnow, transformers.js, and sentence-transformers if
 * WINNOW_BENCH_PYTHON names a Python that has it. That Python also makes the ONNX export for transformers.js, unless
 * the model folder contains one. Each runs in its own process, and the rounds alternate, so that a busy machine slows
 * all alike. Exits with 1 if the vectors differ.
 *   npm run bench:embed [-- --base DIR --docs samples/docs --texts 256 --rounds 5 --threads 2]
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, homedir, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { table } from "../cli/table.ts";
import { readPassages } from "../core/artifacts/passages.ts";
import { quietContext } from "../core/base/progress.ts";
import { windowInputs } from "../core/docs/windows.ts";
import { embedderDir } from "../core/models/locate.ts";
import { modelFile } from "../core/models/onnxFiles.ts";
import { openTokenizer } from "../core/models/tokenizer.ts";
import { usablePrecision } from "../core/onnx/integerProducts.ts";
import { ingestDocs } from "../core/stages/work/ingest.ts";
import { median, openOwn, openPeer, option, type Peer } from "./peer.ts";

/** Maximum tokens per text for every contender, including special tokens. */
const MAX_TOKENS = 256;
/** Two float32 implementations of one model differ only by rounding. */
const TOLERANCE = 1e-4;
const OURS = "winnow";
/** Used by the embed stage if it passes (core/retrieval/embedPrecision.ts). */
const TWIN = "winnow-int8";
const hasTwin = (await usablePrecision("int8")) === "int8";

interface Answer {
  seconds: number;
  megabytes: number;
  vectors: number[][] | null;
}

const base = resolve(option("untrained", embedderDir(process.env.WINNOW_CACHE ?? join(homedir(), ".cache", "winnow"))));
const docs = option("docs", join(import.meta.dirname, "..", "samples", "docs"));
const rounds = Number(option("rounds", "5"));
const threads = option("threads", String(availableParallelism()));
const scratch = await mkdtemp(join(tmpdir(), "winnow-bench-"));

async function sampleTexts(count: number): Promise<string[]> {
  const outDir = join(scratch, "passages");
  await ingestDocs({ source: docs, outDir, tokenizerDir: base }, quietContext());
  const texts = (await readPassages(outDir)).flatMap(windowInputs);
  const every = Math.max(1, texts.length / count);
  return Array.from({ length: Math.min(count, texts.length) }, (_, i) => texts[Math.floor(i * every)]!);
}

/**
 * A model folder for transformers.js, which truncates texts like the others. Its ONNX file is linked or still to be
 * exported.
 */
async function folderForTransformersJs(): Promise<{ folder: string; file: string; present: boolean }> {
  const folder = join(scratch, "model");
  const file = join(folder, "onnx", "model.onnx");
  await mkdir(join(folder, "onnx"), { recursive: true });
  for (const name of ["config.json", "tokenizer.json"]) await copyFile(join(base, name), join(folder, name));
  const tokenizer = JSON.parse(await readFile(join(base, "tokenizer_config.json"), "utf8"));
  const limited = JSON.stringify({ ...tokenizer, model_max_length: MAX_TOKENS });
  await writeFile(join(folder, "tokenizer_config.json"), limited);
  const present = existsSync(modelFile(base));
  if (present) await symlink(modelFile(base), file);
  return { folder, file, present };
}

async function contenders(): Promise<Map<string, Peer>> {
  const { folder, file, present } = await folderForTransformersJs();
  const python = await openPeer("vectors.py", [base, threads, String(MAX_TOKENS), ...(present ? [] : [file])]);
  const found = new Map<string, Peer>();
  for (const own of hasTwin ? [OURS, TWIN] : [OURS]) found.set(own, await openOwn("vectors.ts", [own, base, threads]));
  if (python || present)
    found.set("transformers.js", await openOwn("vectors.ts", ["transformers.js", folder, threads]));
  else console.log(`transformers.js: skipped, ${base} contains no ONNX file and no Python can export one`);
  if (python) found.set("sentence-transformers", python);
  return found;
}

/** Distance of vectors from Winnow's: the largest difference of a component, the smallest cosine. */
function compare(ours: number[][], theirs: number[][]): { difference: number; cosine: number } {
  const pairs = ours.map((vector, row) => [vector, theirs[row]!] as const);
  const differences = pairs.map(([a, b]) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0));
  const cosines = pairs.map(([a, b]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0));
  return { difference: Math.max(...differences), cosine: Math.min(...cosines) };
}

const texts = await sampleTexts(Number(option("texts", "256")));
const tokenizer = await openTokenizer(base);
const tokens = texts.reduce((sum, text) => sum + tokenizer.encode(text, MAX_TOKENS).ids.length, 0);
const programs = await contenders();
const vectors = new Map<string, number[][]>();
for (const [name, program] of programs) {
  vectors.set(name, (await program.request<Answer>({ texts, tell: true })).vectors!);
}
console.log(`${cpus()[0]!.model}, ${threads} threads, load ${loadavg()[0]!.toFixed(1)}`);
console.log(`${texts.length} windows of ${docs}, ${tokens} tokens, ${rounds} rounds, medians\n`);
const answers = new Map([...programs.keys()].map((name) => [name, [] as Answer[]]));
for (let round = 0; round < rounds; round++) {
  for (const [name, program] of programs) {
    answers.get(name)!.push(await program.request<Answer>({ texts, tell: false }));
  }
}
const secondsOf = (name: string) => median(answers.get(name)!.map(({ seconds }) => seconds));
const rows = [...answers].map(([name, list]) => {
  const { difference, cosine } = compare(vectors.get(OURS)!, vectors.get(name)!);
  return [
    name,
    (texts.length / secondsOf(name)).toFixed(1),
    (tokens / secondsOf(name)).toFixed(0),
    Math.max(...list.map(({ megabytes }) => megabytes)).toFixed(0),
    (secondsOf(name) / secondsOf(hasTwin ? TWIN : OURS)).toFixed(2),
    ...(name === OURS ? ["", ""] : [difference.toExponential(1), cosine.toFixed(6)]),
  ];
});
const head = [
  "contender",
  "windows/s",
  "tokens/s",
  "peak MB",
  `time x ${hasTwin ? "int8's" : "Winnow's"}`,
  "max difference",
  "min cosine",
];
console.log(table(head, rows));
for (const program of programs.values()) program.close();
await rm(scratch, { recursive: true, force: true });
const exact = [...vectors].filter(([name]) => name !== TWIN).map(([, theirs]) => theirs);
const off = Math.max(...exact.map((theirs) => compare(vectors.get(OURS)!, theirs).difference));
if (!(off <= TOLERANCE)) {
  console.log(`\nThe vectors differ by ${off.toExponential(1)}; at most ${TOLERANCE} is allowed`);
  process.exitCode = 1;
}
