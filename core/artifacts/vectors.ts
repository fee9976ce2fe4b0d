import { closeSync, openSync, readSync } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Precision } from "../../contracts/evaluation.ts";
import { messageOf, WinnowError } from "../base/errors.ts";
import { corrupt, readValue, writeValue } from "./files.ts";

/** Files of an embed artifact. */
const ROWS = "vectors.f32";
const META = "meta.json";

/** Metadata of an embed artifact, which is one shard of the corpus. */
export interface VectorsMeta {
  /** Rows: one per window of a passage. */
  count: number;
  dim: number;
  model: string;
  modelDigest: string;
  /** Precision of the model that computed the vectors; absent: float32. */
  precision?: Precision;
  /** Row of the shard's first window in the whole corpus. */
  first: number;
}

/** Writes an embed artifact. @param vectors unit vectors of [count, dim]. */
export async function writeVectors(outDir: string, vectors: Float32Array, meta: VectorsMeta): Promise<void> {
  await mkdir(outDir, { recursive: true });
  await writeFile(join(outDir, ROWS), new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength));
  await writeValue(outDir, META, meta);
}

/** Reads the metadata of an embed artifact. Throws `CorruptArtifact`. */
export function readVectorsMeta(embedDir: string): Promise<VectorsMeta> {
  return readValue<VectorsMeta>(embedDir, META);
}

interface Shard extends VectorsMeta {
  path: string;
  file: number;
}

/**
 * Vectors of a corpus's windows, read from their shards. Rows have unit length and follow the order of passages and
 * their windows. Nothing is held in memory: the system's page cache is enough.
 */
export class Vectors {
  readonly count: number;
  readonly dim: number;
  readonly modelDigest: string;
  private readonly row: Float32Array;

  constructor(private readonly shards: Shard[]) {
    this.count = shards.reduce((sum, shard) => sum + shard.count, 0);
    this.dim = shards[0]!.dim;
    this.modelDigest = shards[0]!.modelDigest;
    this.row = new Float32Array(this.dim);
  }

  /** Copies rows `[start, start + rows)` into `into`, or a new array of [rows, dim]. */
  read(start: number, rows: number, into: Float32Array = new Float32Array(rows * this.dim)): Float32Array {
    let done = 0;
    for (const shard of this.shards) {
      const from = Math.max(start, shard.first);
      const to = Math.min(start + rows, shard.first + shard.count);
      if (from >= to) continue;
      const block = into.subarray((from - start) * this.dim, (to - start) * this.dim);
      readFully(shard, block, (from - shard.first) * this.dim * 4);
      done += to - from;
    }
    if (done !== rows) throw new WinnowError("BadInput", `rows ${start}..${start + rows} of ${this.count} vectors`);
    return into;
  }

  /** Dot product of row `position` and a query of [dim]. It is the cosine, as both have unit length. */
  dot(position: number, query: Float32Array): number {
    return dotProduct(this.read(position, 1, this.row), 0, query);
  }

  close(): void {
    for (const shard of this.shards) closeSync(shard.file);
  }
}

/** Dot product of `query` and the row of `matrix` that starts at `offset`. */
export function dotProduct(matrix: Float32Array, offset: number, query: Float32Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const end = query.length & ~3;
  for (let i = 0; i < end; i += 4) {
    a += matrix[offset + i]! * query[i]!;
    b += matrix[offset + i + 1]! * query[i + 1]!;
    c += matrix[offset + i + 2]! * query[i + 2]!;
    d += matrix[offset + i + 3]! * query[i + 3]!;
  }
  for (let i = end; i < query.length; i++) a += matrix[offset + i]! * query[i]!;
  return a + b + (c + d);
}

/**
 * Opens the shards of a corpus. Throws `CorruptArtifact` when a shard is damaged, or when the shards are not contiguous
 * rows of one model.
 */
export async function openVectors(embedDirs: string[]): Promise<Vectors> {
  const metas = await Promise.all(embedDirs.map(describeShard));
  metas.sort((a, b) => a.first - b.first);
  let next = 0;
  for (const meta of metas) {
    const { path, first, count, dim, modelDigest } = meta;
    if (first !== next) throw corrupt(path, `begins at row ${first}, expected ${next}`);
    if (dim !== metas[0]!.dim) throw corrupt(path, `has ${dim} dimensions, expected ${metas[0]!.dim}`);
    if (modelDigest !== metas[0]!.modelDigest)
      throw corrupt(path, "was embedded by a different model than the other shards");
    next += count;
  }
  if (metas.length === 0) throw new WinnowError("MissingArtifact", "there are no vectors: run the stage embed first");
  return new Vectors(metas.map((meta) => ({ ...meta, file: openSync(meta.path, "r") })));
}

async function describeShard(embedDir: string): Promise<VectorsMeta & { path: string }> {
  const path = join(embedDir, ROWS);
  const meta = await readVectorsMeta(embedDir);
  const expected = meta.count * meta.dim * 4;
  const size = await stat(path).then(
    (found) => found.size,
    (cause) => Promise.reject(corrupt(path, messageOf(cause), cause)),
  );
  if (size !== expected) throw corrupt(path, `expected ${expected} bytes, found ${size}`);
  return { ...meta, path };
}

function readFully(shard: Shard, block: Float32Array, position: number): void {
  const bytes = new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
  let done = 0;
  while (done < bytes.length) {
    const read = readSync(shard.file, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw corrupt(shard.path, "ends too early");
    done += read;
  }
}
