import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import type { IndexKind } from "../../artifacts/searchIndex.ts";
import type { Vectors } from "../../artifacts/vectors.ts";
import { messageOf, WinnowError } from "../../base/errors.ts";

/** The index file of a build-index artifact. */
export const INDEX_FILE = "index.faiss";

/** First four bytes of FAISS's file format (impl/index_write.cpp) for the two kinds of index. */
const FOURCC: Record<IndexKind, string> = { flat: "IxFI", hnsw: "IHNf" };
const COMMON_HEADER_BYTES = 37;
const FLAT_HEADER_BYTES = COMMON_HEADER_BYTES + 8;
/** Bytes per element: level probabilities f64, neighbours per level i32, levels i32, offsets u64, neighbours i32. */
const HNSW_ARRAYS = [8, 4, 4, 8, 4];
const HNSW_DEFAULTS = { efConstruction: 40, efSearch: 16 };
const BLOCK_ROWS = 4096;

/**
 * Writes an exact inner-product index in the format of `faiss.write_index`, without the addon: fourcc, d i32, ntotal
 * i64, two unused i64, is_trained u8, metric i32 (0), length u64, then the vectors.
 *
 * @param beforeRow called with the first row of each block before it is written; an exception ends the writing.
 */
export function writeFlatFile(path: string, vectors: Vectors, beforeRow: (row: number) => void = () => {}): void {
  const header = Buffer.alloc(FLAT_HEADER_BYTES);
  header.write(FOURCC.flat, 0, "latin1");
  header.writeInt32LE(vectors.dim, 4);
  header.writeBigInt64LE(BigInt(vectors.count), 8);
  header.writeBigInt64LE(1n << 20n, 16);
  header.writeBigInt64LE(1n << 20n, 24);
  header.writeUInt8(1, 32);
  header.writeInt32LE(0, 33);
  header.writeBigUInt64LE(BigInt(vectors.count * vectors.dim), 37);
  const file = openSync(path, "w");
  try {
    writeFully(file, header);
    for (let start = 0; start < vectors.count; start += BLOCK_ROWS) {
      beforeRow(start);
      const block = vectors.read(start, Math.min(BLOCK_ROWS, vectors.count - start));
      writeFully(file, new Uint8Array(block.buffer));
    }
  } finally {
    closeSync(file);
  }
}

/**
 * Checks an index file before native code reads it, because a malformed file may crash the process. Throws
 * `CorruptArtifact` when it is missing, has another kind, or does not contain `count` vectors of `dim`.
 */
export function checkIndexFile(path: string, kind: IndexKind, count: number, dim: number): void {
  try {
    const file = openSync(path, "r");
    try {
      const header = Buffer.alloc(16);
      readSync(file, header, 0, header.length, 0);
      const { size } = fstatSync(file);
      const fourcc = header.toString("latin1", 0, 4);
      if (fourcc !== FOURCC[kind])
        throw new Error(`it begins with "${fourcc}", but a ${kind} index begins with "${FOURCC[kind]}"`);
      const [d, total] = [header.readInt32LE(4), Number(header.readBigInt64LE(8))];
      if (d !== dim || total !== count) throw new Error(`it holds ${total} x ${d} values, expected ${count} x ${dim}`);
      const smallest = FLAT_HEADER_BYTES + count * dim * 4;
      const whole = kind === "flat" ? size === smallest : size > smallest;
      if (!whole) throw new Error(`it is ${size} bytes long, which does not fit ${count} x ${dim} vectors`);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new WinnowError("CorruptArtifact", `${path} is not the index of this corpus: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Writes the breadth of search into an HNSW index file, because the addon has no setter. FAISS's default of 16 finds
 * too little, and a larger `k` does not widen the search. After the common header lie five arrays, each after its u64
 * length. Five i32 follow: entry point, highest level, efConstruction, efSearch, beam.
 *
 * Throws `CorruptArtifact` when the values to replace are not FAISS's defaults, so that an unknown layout is not
 * damaged.
 */
export function setHnswBreadth(path: string, efConstruction: number, efSearch: number): void {
  const file = openSync(path, "r+");
  try {
    const at = hnswParametersOffset(file);
    const found = Buffer.alloc(8);
    readSync(file, found, 0, 8, at);
    if (found.readInt32LE(0) !== HNSW_DEFAULTS.efConstruction || found.readInt32LE(4) !== HNSW_DEFAULTS.efSearch) {
      throw new WinnowError("CorruptArtifact", `${path}: no HNSW parameters at byte ${at}; another version of FAISS?`);
    }
    const wanted = Buffer.alloc(8);
    wanted.writeInt32LE(efConstruction, 0);
    wanted.writeInt32LE(efSearch, 4);
    writeSync(file, wanted, 0, 8, at);
  } finally {
    closeSync(file);
  }
}

/** Byte offset of efConstruction and efSearch. */
function hnswParametersOffset(file: number): number {
  const length = Buffer.alloc(8);
  let at = COMMON_HEADER_BYTES;
  for (const bytes of HNSW_ARRAYS) {
    readSync(file, length, 0, 8, at);
    at += 8 + bytes * Number(length.readBigUInt64LE(0));
  }
  return at + 8;
}

function writeFully(file: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done);
}
