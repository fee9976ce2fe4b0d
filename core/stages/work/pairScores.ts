import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Precision } from "../../../contracts/evaluation.ts";
import { sha256, sha256OfFile } from "../../base/canonical.ts";
import { openCrossEncoder, type Reranker, type RerankerOptions } from "../../models/crossEncoder.ts";
import { MODEL_FILES } from "../../models/onnxFiles.ts";
import { MAX_PAIR_TOKENS } from "../../models/wholeText.ts";
import { usablePrecision } from "../../onnx/integerProducts.ts";
import { EmbeddingCache } from "../../retrieval/embeddingCache.ts";
import type { PairScorer } from "./rerankQuestions.ts";

/** Pairs scored between two saves, which is the most that a kill can lose. */
const SAVE_EVERY = 1024;
/** Even if all scores are imported, score this many questions here, to measure latency. */
const TIMED_QUESTIONS = 20;
/**
 * With more segments than this, keep only what the current evaluation used, so that the folder does not grow with every
 * update.
 */
const MAX_SEGMENTS = 32;

export interface PairScoreOptions extends Pick<RerankerOptions, "threads" | "provider" | "states"> {
  /** Folder of the scores of all models. */
  cacheDir: string;
  precision: Precision;
  /** Digest of the scoring code; a different digest makes cached scores stale. */
  code?: string;
  /** Folders written by other machines with `exportTo`; their pairs are not scored again. */
  imports?: readonly string[];
  /** Receives the score of every requested pair when the scorer is closed. */
  exportTo?: string;
}

export interface CachedScorer extends Required<PairScorer> {
  /** Pairs scored by the model. */
  readonly scored: number;
  /** Saves new scores. */
  close(): Promise<void>;
}

type PairReranker = Pick<Reranker, "score" | "close">;

/**
 * A cross-encoder that scores each pair of question and text once. Logits are cached by model, precision, question and
 * text, in segments of the embedding cache with one number per key. The model is loaded for the first new pair.
 *
 * The time per question is stored too, by processor and threads. On another processor its pairs are scored again, so
 * that latency is measured on this machine. With imported scores, only a few questions are timed. Throws what
 * `openCrossEncoder` throws.
 */
export async function openCachedScorer(
  modelDir: string,
  options: PairScoreOptions,
  open: (modelDir: string, options: PairScoreOptions) => Promise<PairReranker> = openCrossEncoder,
): Promise<CachedScorer> {
  const name = await scoreFolder(modelDir, options);
  const folder = join(options.cacheDir, name);
  const cache = new EmbeddingCache(folder, 1);
  const known = new Map<string, number>();
  await cache.each((key, [value]) => known.set(key, value!));
  const imported = await readImports(name, options.imports ?? []);
  const older = await segmentsIn(folder);
  const machine = `${cpus()[0]?.model ?? "unknown"}, ${options.threads ?? "all"} threads`;
  const timeKey = (question: string) => keyOf("time", machine, question);
  const used = { pairs: new Set<string>(), times: new Set<string>() };
  const fresh = new Map<string, number>();
  let model: PairReranker | null = null;
  let scored = 0;

  const save = async () => {
    if (fresh.size > 0) await cache.append([...fresh.keys()], Float32Array.from(fresh.values()));
    fresh.clear();
  };
  const keep = (key: string, value: number) => {
    if (!known.has(key)) fresh.set(key, value);
    known.set(key, value);
  };
  return {
    get scored() {
      return scored;
    },
    measured: (question) => known.get(timeKey(question)),
    async score(question, passages) {
      const keys = passages.map((passage) => keyOf("pair", question, passage));
      for (const key of keys) {
        used.pairs.add(key);
        if (imported.has(key)) keep(key, imported.get(key)!);
      }
      const toTime = !known.has(timeKey(question)) && (imported.size === 0 || used.times.size < TIMED_QUESTIONS);
      const wanted = keys.flatMap((key, at) => (!toTime && known.has(key) ? [] : [at]));
      if (wanted.length > 0) {
        model ??= await open(modelDir, options);
        const start = performance.now();
        const texts = wanted.map((at) => passages[at]!);
        const logits = await model.score(question, texts);
        if (wanted.length === keys.length) keep(timeKey(question), Math.fround(performance.now() - start));
        wanted.forEach((at, i) => {
          keep(keys[at]!, logits[i]!);
        });
        scored += wanted.length;
        if (fresh.size >= SAVE_EVERY) await save();
      }
      if (known.has(timeKey(question))) used.times.add(timeKey(question));
      return keys.map((key) => known.get(key)!);
    },
    async close() {
      await model?.close();
      await save();
      if (older.length > MAX_SEGMENTS)
        await compact(cache, folder, older, known, new Set([...used.pairs, ...used.times]));
      if (options.exportTo) await write(new EmbeddingCache(join(options.exportTo, name), 1), [...used.pairs], known);
    },
  };
}

/**
 * Writes the used scores as one segment, then removes the segments it replaces. A crash in between costs disk space but
 * no score.
 */
async function compact(
  cache: EmbeddingCache,
  folder: string,
  older: string[],
  known: ReadonlyMap<string, number>,
  used: ReadonlySet<string>,
): Promise<void> {
  const written = await write(cache, [...used], known);
  for (const name of older) if (name !== written) await rm(join(folder, name), { force: true });
}

/** Writes the keys with a known value as one segment and returns its name. */
function write(cache: EmbeddingCache, keys: string[], known: ReadonlyMap<string, number>): Promise<string> {
  const there = keys.filter((key) => known.has(key));
  return cache.append(
    there,
    Float32Array.from(there, (key) => known.get(key)!),
  );
}

async function readImports(name: string, folders: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const folder of folders) {
    const scores = join(folder, name);
    if (existsSync(scores)) await new EmbeddingCache(scores, 1).each((key, [value]) => found.set(key, value!));
  }
  return found;
}

/** Name of a model's folder: the digest of its ONNX file, then of everything else that scores depend on. */
async function scoreFolder(modelDir: string, { code = "", ...asked }: PairScoreOptions): Promise<string> {
  const precision = await usablePrecision(asked.precision);
  const model = await sha256OfFile(join(modelDir, "onnx", MODEL_FILES[precision]));
  const tokenizer = await sha256OfFile(join(modelDir, "tokenizer.json"));
  return `${model}-${sha256([tokenizer, MAX_PAIR_TOKENS, code].join()).slice(0, 16)}`;
}

async function segmentsIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [] as string[])).filter((name) => name.endsWith(".seg"));
}

function keyOf(kind: "pair" | "time", ...parts: [string, string]): string {
  return createHash("sha256")
    .update(JSON.stringify([kind, ...parts]))
    .digest("hex");
}
