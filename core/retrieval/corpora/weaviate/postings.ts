import type { TermTable } from "../../../artifacts/termsFile.ts";
import { dotProduct } from "../../../artifacts/vectors.ts";
import type { WeightedTerm } from "../../termStatistics.ts";
import type { NearestWindow } from "../../windowVectors.ts";

/** What scoring needs of a passage: its terms, and the vectors of its windows. */
export interface PassageFacts {
  /** Ids of its terms, ascending. */
  terms: Uint32Array;
  /** Impact of each term, as a home's BM25 index has it. */
  impacts: Float32Array;
  /** Unit vectors of [windows, dim]. */
  windows: Float32Array;
}

/** A term of a question with its id in the corpus. */
export interface KnownTerm extends WeightedTerm {
  id: number;
}

/** The terms that the corpus has, in order. */
export function knownTerms(terms: readonly WeightedTerm[], table: Pick<TermTable, "find">): KnownTerm[] {
  return terms.flatMap(({ term, weight }) => {
    const known = table.find(term);
    return known === null ? [] : [{ term, weight, id: known.id }];
  });
}

/** Little-endian ids and impacts as one text. @param terms ids ascending. */
export function encodePostings(terms: Uint32Array, impacts: Float32Array): string {
  return Buffer.concat([bytesOf(terms), bytesOf(impacts)]).toString("base64");
}

export function encodeVectors(vectors: Float32Array): string {
  return bytesOf(vectors).toString("base64");
}

export function decodeFacts(postings: string, windows: string): PassageFacts {
  const all = wordsOf(postings);
  const count = all.byteLength / 8;
  return {
    terms: new Uint32Array(all, 0, count),
    impacts: new Float32Array(all, 4 * count, count),
    windows: new Float32Array(wordsOf(windows)),
  };
}

/** BM25 of a passage, added up in the order and the precision of `Bm25Index.scoreAll`. */
export function bm25Of({ terms, impacts }: PassageFacts, asked: readonly KnownTerm[]): number {
  let score = 0;
  for (const { id, weight } of asked) {
    const at = placeOf(terms, id);
    if (at >= 0) score = Math.fround(score + weight * impacts[at]!);
  }
  return score;
}

/** The nearest window, as `WindowVectors` computes it. @param vector unit vector of [dim]. */
export function nearestOf({ windows }: PassageFacts, vector: Float32Array): NearestWindow {
  let best: NearestWindow = { cosine: Number.NEGATIVE_INFINITY, window: 0 };
  for (let window = 0; window * vector.length < windows.length; window++) {
    const cosine = dotProduct(windows, window * vector.length, vector);
    if (cosine > best.cosine) best = { cosine, window };
  }
  return best;
}

function placeOf(sorted: Uint32Array, id: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < id) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === id ? low : -1;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The bytes of a base64 text, aligned for arrays of words. */
function wordsOf(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, "base64");
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}
