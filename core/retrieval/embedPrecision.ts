import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Precision } from "../../contracts/evaluation.ts";
import type { Embedder } from "../models/embedder.ts";
import { OF_TWIN } from "./embeddingCache.ts";

/** The comparison of an embedder with its int8 twin, on a sample of the texts and on this machine. */
export interface PrecisionVerdict {
  /** The precision that embeds passages here. */
  precision: Precision;
  /** Cosines of a text's two vectors: mean and minimum. */
  cosine: { mean: number; lowest: number };
  /** Texts per second by int8, divided by those of float32. */
  speedup: number;
  texts: number;
  /** The processor of the measurement; another processor is measured again. */
  processor: string;
}

/**
 * Requirements of the twin. A mean cosine of 0.995 costs the Kubernetes docs' retrieval nothing
 * (docs/evaluation.md#int8-twins).
 */
const NEEDED = { mean: 0.995, lowest: 0.98, speedup: 1.2 };
const SAMPLE = 64;
const ROUNDS = 2;
/** Embedding fewer texts than this is faster than measuring. */
export const WORTH_JUDGING = 256;

/**
 * Chooses float32 or int8: by the verdict in `folder` for this kind of processor, or by measuring a sample of `texts`.
 * With few texts and no verdict the result is float32, and nothing is written.
 */
export async function embedPrecision(
  texts: readonly string[],
  float32: Embedder,
  openTwin: () => Promise<Embedder>,
  folder: string,
): Promise<Precision> {
  const known = await knownPrecision(folder);
  if (known) return known;
  if (texts.length < WORTH_JUDGING) return "float32";
  const twin = await openTwin();
  try {
    const verdict = await judge(texts, float32, twin);
    await mkdir(folder, { recursive: true });
    // A truncated file is not a verdict: it is measured again.
    await writeFile(join(folder, OF_TWIN.verdict), `${JSON.stringify(verdict, null, 2)}\n`);
    return verdict.precision;
  } finally {
    await twin.close();
  }
}

/** The verdict in `folder` for this kind of processor; null if there is none. */
export async function knownPrecision(folder: string): Promise<Precision | null> {
  return (await verdictIn(folder))?.precision ?? null;
}

async function verdictIn(folder: string): Promise<PrecisionVerdict | null> {
  try {
    const verdict: PrecisionVerdict = JSON.parse(await readFile(join(folder, OF_TWIN.verdict), "utf8"));
    const usable = verdict.processor === processor() && ["float32", "int8"].includes(verdict.precision);
    return usable ? verdict : null;
  } catch {
    return null;
  }
}

async function judge(texts: readonly string[], float32: Embedder, twin: Embedder): Promise<PrecisionVerdict> {
  const sample = Array.from({ length: SAMPLE }, (_, i) => texts[Math.floor((i * texts.length) / SAMPLE)]!);
  const cosine = cosines(
    await float32.embed({ passages: sample }),
    await twin.embed({ passages: sample }),
    float32.dim,
  );
  const speedup = await speedupOf(sample, float32, twin);
  const good = cosine.mean >= NEEDED.mean && cosine.lowest >= NEEDED.lowest && speedup >= NEEDED.speedup;
  return { precision: good ? "int8" : "float32", cosine, speedup, texts: SAMPLE, processor: processor() };
}

/** Uses the fastest of alternating rounds, because other work on the machine only slows them. */
async function speedupOf(sample: readonly string[], float32: Embedder, twin: Embedder): Promise<number> {
  const best = new Map([float32, twin].map((embedder) => [embedder, Number.POSITIVE_INFINITY]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [embedder, fastest] of best) {
      const began = performance.now();
      await embedder.embed({ passages: sample });
      best.set(embedder, Math.min(fastest, performance.now() - began));
    }
  }
  return best.get(float32)! / best.get(twin)!;
}

/** Rows have unit length. */
function cosines(a: Float32Array, b: Float32Array, dim: number): PrecisionVerdict["cosine"] {
  const rows = Array.from({ length: a.length / dim }, (_, row) =>
    a.subarray(row * dim, (row + 1) * dim).reduce((sum, x, i) => sum + x * b[row * dim + i]!, 0),
  );
  return { mean: rows.reduce((sum, x) => sum + x, 0) / rows.length, lowest: Math.min(...rows) };
}

function processor(): string {
  return cpus()[0]?.model ?? "unknown";
}
