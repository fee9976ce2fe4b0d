import { basename, join } from "node:path";
import type { Precision } from "../../../contracts/evaluation.ts";
import { readPassageRange } from "../../artifacts/passages.ts";
import { writeVectors } from "../../artifacts/vectors.ts";
import { WinnowError } from "../../base/errors.ts";
import type { TaskContext, WorkContext } from "../../base/progress.ts";
import { windowInputs } from "../../docs/windows.ts";
import type { Embedder, EmbedderOptions } from "../../models/embedder.ts";
import { describeEmbedder, openEmbedder } from "../../models/families/index.ts";
import { cacheName, EmbeddingCache, embeddingKey, OF_TWIN } from "../../retrieval/embeddingCache.ts";
import { embedPrecision, knownPrecision, WORTH_JUDGING } from "../../retrieval/embedPrecision.ts";

/** Windows embedded between two saves, which is the most that a kill can lose. */
const SEGMENT_WINDOWS = 512;

export interface EmbedArgs {
  /** Ingest artifact. */
  passagesDir: string;
  outDir: string;
  /** Folder of the embedding model. */
  modelDir: string;
  /** Folder of the embedding caches of all models. */
  cacheDir: string;
  /** Passages `[first, last)` of the corpus; default: all. */
  first?: number;
  last?: number;
  /** Default: int8 if this machine's verdict allows it (embedPrecision.ts). */
  precision?: Precision;
}

export interface EmbedReport {
  /** Windows of these passages, which are the rows of the artifact. */
  count: number;
  dim: number;
  /** Distinct texts embedded by the model; the others came from the cache. */
  embedded: number;
  /** Windows whose vector was cached, or equals that of an equal text. */
  cached: number;
  /** Precision used. */
  precision: Precision;
  seconds: number;
}

/** An embedding model before it is opened: opening takes longer than a look-up in the cache. */
export interface EmbeddingModel {
  describe(modelDir: string): Promise<{ modelDigest: string; dim: number }>;
  open(modelDir: string, options: EmbedderOptions): Promise<Embedder>;
  /** The precision actually used on this processor for a model opened in `precision`. */
  usable(precision: Precision): Promise<Precision>;
}

const anyFamily: EmbeddingModel = {
  describe: describeEmbedder,
  open: openEmbedder,
  /** Imported on use, because it loads the ONNX runtime. */
  async usable(precision) {
    if (precision === "float32") return precision;
    const { usablePrecision } = await import("../../onnx/integerProducts.ts");
    return usablePrecision(precision);
  },
};

/**
 * Embeds the windows of passages into an embed artifact. Known texts come from the cache. New ones are saved there
 * every 512 windows, so a killed run continues where it stopped. If all are cached, the model is not opened.
 *
 * Throws `BadInput` for an empty range, `Cancelled`, and what the embedder and the passage file throw.
 */
export async function embedPassages(
  args: EmbedArgs,
  ctx: WorkContext,
  model: EmbeddingModel = anyFamily,
): Promise<EmbedReport> {
  const started = performance.now();
  const { passages, firstRow } = await readPassageRange(args.passagesDir, args);
  const texts = passages.flatMap(windowInputs);
  const { modelDir } = args;
  const { modelDigest, dim } = await model.describe(modelDir);
  const cacheOf = (precision: Precision) => join(args.cacheDir, cacheName(modelDigest, precision));
  const open = (precision: Precision) =>
    model.open(modelDir, { ...ctx.compute, precision, twinFile: join(cacheOf("int8"), OF_TWIN.model) });
  const asked = args.precision && (await model.usable(args.precision));
  const precision = asked ?? (await bestPrecision(texts, model, open, cacheOf("int8")));
  const cache = new EmbeddingCache(cacheOf(precision), dim);
  const { vectors, embedded } = await embedTexts(texts, cache, { dim, open: () => open(precision) }, ctx);
  const meta = { count: texts.length, dim, model: basename(modelDir), modelDigest, precision, first: firstRow };
  await writeVectors(args.outDir, vectors, meta);
  const seconds = (performance.now() - started) / 1000;
  return { count: texts.length, dim, embedded, cached: texts.length - embedded, precision, seconds };
}

/**
 * The best precision on this machine, by the verdict in `folder`, which is made if missing. Makes no verdict if the
 * twin is unusable, since that would compare float32 with itself. Processors of the same name differ in this.
 */
async function bestPrecision(
  texts: string[],
  model: EmbeddingModel,
  open: (precision: Precision) => Promise<Embedder>,
  folder: string,
): Promise<Precision> {
  const known = await knownPrecision(folder);
  if (known === "float32" || (known === null && texts.length < WORTH_JUDGING)) return "float32";
  if ((await model.usable("int8")) === "float32") return "float32";
  if (known) return known;
  const float32 = await open("float32");
  try {
    return await embedPrecision(texts, float32, () => open("int8"), folder);
  } finally {
    await float32.close();
  }
}

/** Vectors [texts.length, dim], taken from the cache if present. */
async function embedTexts(
  texts: string[],
  cache: EmbeddingCache,
  { dim, open }: { dim: number; open: () => Promise<Embedder> },
  ctx: TaskContext,
): Promise<{ vectors: Float32Array; embedded: number }> {
  const rows = rowsByKey(texts);
  const vectors = new Float32Array(texts.length * dim);
  const place = (key: string, vector: Float32Array) => {
    for (const row of rows.get(key)!) vectors.set(vector, row * dim);
  };
  const missing = new Set(rows.keys());
  await cache.lookUp(new Set(rows.keys()), (key, vector) => {
    place(key, vector);
    missing.delete(key);
  });
  const keys = [...missing];
  report(ctx, texts.length - keys.length, texts.length);
  if (keys.length === 0) return { vectors, embedded: 0 };
  const embedder = await open();
  try {
    for (let start = 0; start < keys.length; start += SEGMENT_WINDOWS) {
      const done = texts.length - keys.length + start;
      report(ctx, done, texts.length);
      const block = keys.slice(start, start + SEGMENT_WINDOWS);
      const blockTexts = block.map((key) => texts[rows.get(key)![0]!]!);
      const embedded = await embedder.embed(
        { passages: blockTexts },
        {
          signal: ctx.signal,
          progress: ({ step }) => report(ctx, done + step, texts.length),
        },
      );
      await cache.append(block, embedded);
      block.forEach((key, i) => {
        place(key, embedded.subarray(i * dim, (i + 1) * dim));
      });
    }
  } finally {
    await embedder.close();
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
  if (ctx.signal.aborted) throw new WinnowError("Cancelled", "embedding was cancelled; the vectors so far are kept");
  ctx.progress({ step, of, note: "passages embedded" });
}
