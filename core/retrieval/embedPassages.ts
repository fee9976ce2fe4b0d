import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Precision } from "../../contracts/evaluation.ts";
import { readJsonLines } from "../artifacts/jsonl.ts";
import { type StoredPassage, windowCount, windowInputs } from "../corpus/windows.ts";
import { WinnowError } from "../errors.ts";
import type { TaskContext } from "../native/task.ts";
import type { Embedder, EmbedderOptions } from "../reranker/embedder.ts";
import { cacheName, EmbeddingCache, embeddingKey } from "./embeddingCache.ts";
import { embedPrecision } from "./embedPrecision.ts";
import type { EmbedMeta } from "./vectors.ts";

/** Windows embedded between two saves: what a kill can cost. */
const SEGMENT_WINDOWS = 512;

export interface EmbedArgs {
  /** Ingest artifact. */
  passagesDir: string;
  outDir: string;
  /** Folder of the embedding model. */
  modelDir: string;
  /** Home of the embedding caches of all models. */
  cacheDir: string;
  /** Passages `[first, last)` of the corpus; default: all. */
  first?: number;
  last?: number;
  threads?: number;
  /** Default: int8 where this machine's verdict allows it (embedPrecision.ts). */
  precision?: Precision;
}

export interface EmbedReport {
  /** Windows of these passages: rows of `vectors.f32`. */
  count: number;
  dim: number;
  /** Distinct texts that went through the model; the others came from the cache. */
  embedded: number;
  /** Windows whose vector was there already, or is that of an equal text. */
  cached: number;
  /** What computed them. */
  precision: Precision;
  seconds: number;
}

type OpenEmbedder = (modelDir: string, options: EmbedderOptions) => Promise<Embedder>;

/** Loaded on use: it brings the ONNX runtime. */
const openModel: OpenEmbedder = async (modelDir, options) => {
  const { openEmbedder } = await import("../reranker/embedder.ts");
  return openEmbedder(modelDir, options);
};

/**
 * Embeds the windows of passages into `vectors.f32` and `meta.json`. Texts the model has read before come from the cache; new ones are
 * saved there every 512, so a killed run goes on where it was.
 *
 * Throws `BadInput` for an empty range, `Cancelled`, and what the embedder and the passage file throw.
 */
export async function embedPassages(
  args: EmbedArgs,
  ctx: TaskContext,
  openEmbedder: OpenEmbedder = openModel,
): Promise<EmbedReport> {
  const started = performance.now();
  const first = args.first ?? 0;
  const passages = await readJsonLines<StoredPassage>(join(args.passagesDir, "passages.jsonl"));
  const texts = passages.slice(first, args.last).flatMap(windowInputs);
  if (texts.length === 0) {
    throw new WinnowError(
      "BadInput",
      `no passages ${first} to ${args.last ?? "the end"}: there are ${passages.length}`,
    );
  }
  const { embedder, precision } = await openPrecise(args, texts, openEmbedder);
  try {
    const cacheDir = join(args.cacheDir, cacheName(embedder.modelDigest, precision));
    const { vectors, embedded } = await embedTexts(texts, embedder, new EmbeddingCache(cacheDir, embedder.dim), ctx);
    const { dim, modelDigest } = embedder;
    const model = basename(args.modelDir);
    const firstRow = passages.slice(0, first).reduce((rows, passage) => rows + windowCount(passage), 0);
    const meta = { count: texts.length, dim, model, modelDigest, precision, first: firstRow };
    await writeVectors(args.outDir, vectors, meta);
    const seconds = (performance.now() - started) / 1000;
    return { count: texts.length, dim, embedded, cached: texts.length - embedded, precision, seconds };
  } finally {
    await embedder.close();
  }
}

/** The embedder in the precision asked for, or in the one this machine does best with. */
async function openPrecise(
  { modelDir, threads, cacheDir, precision }: EmbedArgs,
  texts: string[],
  openEmbedder: OpenEmbedder,
): Promise<{ embedder: Embedder; precision: Precision }> {
  const open = (precision: Precision) => openEmbedder(modelDir, { threads, precision });
  if (precision) return { embedder: await open(precision), precision };
  const float32 = await open("float32");
  try {
    const folder = join(cacheDir, cacheName(float32.modelDigest, "int8"));
    const chosen = await embedPrecision(texts, float32, () => open("int8"), folder);
    if (chosen === "float32") return { embedder: float32, precision: chosen };
  } catch (error) {
    await float32.close();
    throw error;
  }
  await float32.close();
  return { embedder: await open("int8"), precision: "int8" };
}

/** Vectors [texts.length, dim], from the cache where it has them. */
async function embedTexts(
  texts: string[],
  embedder: Embedder,
  cache: EmbeddingCache,
  ctx: TaskContext,
): Promise<{ vectors: Float32Array; embedded: number }> {
  const rows = rowsByKey(texts);
  const vectors = new Float32Array(texts.length * embedder.dim);
  const place = (key: string, vector: Float32Array) => {
    for (const row of rows.get(key)!) vectors.set(vector, row * embedder.dim);
  };
  const missing = new Set(rows.keys());
  await cache.lookUp(new Set(rows.keys()), (key, vector) => {
    place(key, vector);
    missing.delete(key);
  });
  const keys = [...missing];
  for (let start = 0; start < keys.length; start += SEGMENT_WINDOWS) {
    const done = texts.length - keys.length + start;
    report(ctx, done, texts.length);
    const block = keys.slice(start, start + SEGMENT_WINDOWS);
    const blockTexts = block.map((key) => texts[rows.get(key)![0]!]!);
    const embedded = await embedder.embed(blockTexts, {
      signal: ctx.signal,
      progress: ({ step }) => report(ctx, done + step, texts.length),
    });
    await cache.append(block, embedded);
    block.forEach((key, i) => {
      place(key, embedded.subarray(i * embedder.dim, (i + 1) * embedder.dim));
    });
  }
  report(ctx, texts.length, texts.length);
  return { vectors, embedded: keys.length };
}

function rowsByKey(texts: string[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  texts.forEach((text, row) => {
    const key = embeddingKey(text);
    const same = rows.get(key);
    if (same === undefined) rows.set(key, [row]);
    else same.push(row);
  });
  return rows;
}

function report(ctx: TaskContext, step: number, of: number): void {
  if (ctx.signal.aborted) throw new WinnowError("Cancelled", "embedding was cancelled; what is done is kept");
  ctx.progress({ step, of, note: "passages embedded" });
}

async function writeVectors(outDir: string, vectors: Float32Array, meta: EmbedMeta): Promise<void> {
  await mkdir(outDir, { recursive: true });
  const bytes = new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength);
  await writeFile(join(outDir, "vectors.f32"), bytes);
  await writeFile(join(outDir, "meta.json"), `${JSON.stringify(meta, null, 2)}\n`);
}
