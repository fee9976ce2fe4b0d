/** A part of a corpus's passages, `[first, last)`. */
export interface PassageRange {
  first: number;
  last: number;
}

/** Shards are of equal size, at most this. Each is a process that loads a model, so a small corpus has few. */
const PASSAGES = 6000;
/** A corpus that would have more of those than this has larger ones. */
const MANY = 16;
/** No shard is larger: what a crash may cost, and what one process holds. */
const MOST_PASSAGES = 20_000;

/**
 * How a corpus's passages are embedded. By their number alone: vectors are named by their shards, and with other workers
 * they are to be the same ones.
 */
export function embeddingShards(passages: number): PassageRange[] {
  const shards = Math.max(Math.min(Math.ceil(passages / PASSAGES), MANY), Math.ceil(passages / MOST_PASSAGES));
  const bound = (at: number) => Math.round((passages * at) / shards);
  return Array.from({ length: shards }, (_, at) => ({ first: bound(at), last: bound(at + 1) }));
}
