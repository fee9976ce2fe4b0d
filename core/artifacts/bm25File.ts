import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, WinnowError } from "../base/errors.ts";
import { readValue } from "./files.ts";

/** Files of the BM25 index in a build-index artifact: settings and sizes in readable form, and the index. */
const HEADER = "bm25.json";
const INDEX = "bm25.bin";

/** Settings of BM25F, fixed when the index is built. */
export interface Bm25Settings {
  /** Saturation of repeated terms. */
  k1: number;
  /** Length normalisation of the passage text, 0..1. */
  b: number;
  /** Length normalisation of the heading trail, 0..1. */
  titleB: number;
  /** Weight of an occurrence in the heading trail, in occurrences in the text. */
  titleWeight: number;
  /** Number of rarest question terms that the best possible score counts. */
  tellingTerms: number;
}

/**
 * Inverted index in typed arrays. Postings of term `t` are `[offsets[t], offsets[t + 1])`, by position. `impacts` holds
 * each posting's saturated weight, in 0..k1 + 1, without the idf.
 */
export interface Bm25Data {
  settings: Bm25Settings;
  count: number;
  /** Sorted, so that equal passages give equal bytes. */
  terms: string[];
  offsets: Uint32Array;
  positions: Uint32Array;
  impacts: Float32Array;
}

/** Maximum bytes of one read. */
const READ_BYTES = 2 ** 28;

interface Header {
  schema: 1;
  settings: Bm25Settings;
  passages: number;
  terms: number;
  postings: number;
  /** Bytes of the term list after the three arrays: UTF-8, one term per line. */
  termBytes: number;
}

/**
 * The file holds offsets u32[terms + 1], positions u32[postings], impacts f32[postings], then the terms; little-endian.
 */
export async function writeBm25(folder: string, data: Bm25Data): Promise<void> {
  const terms = Buffer.from(data.terms.join("\n"), "utf8");
  const header: Header = {
    schema: 1,
    settings: data.settings,
    passages: data.count,
    terms: data.terms.length,
    postings: data.positions.length,
    termBytes: terms.length,
  };
  await writeFile(join(folder, HEADER), `${JSON.stringify(header, null, 2)}\n`);
  const arrays = [data.offsets, data.positions, data.impacts].map(bytesOf);
  await writeFile(join(folder, INDEX), [...arrays, terms]);
}

/** Throws `CorruptArtifact` when a file is missing or the sizes do not match. */
export async function readBm25(folder: string): Promise<Bm25Data> {
  const path = join(folder, INDEX);
  try {
    const header = await readValue<Header>(folder, HEADER);
    const data = await readWhole(path);
    const arraysEnd = 4 * (header.terms + 1 + 2 * header.postings);
    if (data.byteLength !== arraysEnd + header.termBytes)
      throw new Error(`expected ${arraysEnd + header.termBytes} bytes`);
    const offsets = new Uint32Array(data, 0, header.terms + 1);
    const positions = new Uint32Array(data, 4 * (header.terms + 1), header.postings);
    const impacts = new Float32Array(data, 4 * (header.terms + 1 + header.postings), header.postings);
    const terms = header.terms === 0 ? [] : Buffer.from(data, arraysEnd).toString("utf8").split("\n");
    if (terms.length !== header.terms || offsets[header.terms] !== header.postings) throw new Error("sizes differ");
    return { settings: header.settings, count: header.passages, terms, offsets, positions, impacts };
  } catch (cause) {
    throw new WinnowError("CorruptArtifact", `${path} is not a BM25 index: ${messageOf(cause)}`, { cause });
  }
}

/** Reads a file of any size into memory once. The buffer of `readFile` may be unaligned, and its limit is 2 GB. */
async function readWhole(path: string): Promise<ArrayBuffer> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array((await file.stat()).size);
    for (let done = 0; done < bytes.length; ) {
      const block = bytes.subarray(done, done + READ_BYTES);
      const { bytesRead } = await file.read(block, 0, block.length, done);
      if (bytesRead === 0) throw new Error("it ends too early");
      done += bytesRead;
    }
    return bytes.buffer;
  } finally {
    await file.close();
  }
}

function bytesOf(array: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
