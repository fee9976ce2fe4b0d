/** A range of a corpus's passages, `[first, last)`. */
export interface PassageRange {
  first: number;
  last: number;
}

/**
 * Largest shard of a small corpus, in passages. Each shard is a process that loads a model, so a small corpus has few.
 */
const PASSAGES = 6000;
/** Beyond this number of shards, shards grow instead. */
const MANY = 16;
/** Upper limit of a shard, in passages. It bounds the loss after a crash and the memory of one process. */
const MOST_PASSAGES = 20_000;

/**
 * Splits a corpus's passages into shards for embedding. The split depends on the number of passages alone: vectors are
 * named by shard, and must not change with the number of workers.
 */
export function embeddingShards(passages: number): PassageRange[] {
  const shards = Math.max(Math.min(Math.ceil(passages / PASSAGES), MANY), Math.ceil(passages / MOST_PASSAGES));
  const bound = (at: number) => Math.round((passages * at) / shards);
  return Array.from({ length: shards }, (_, at) => ({ first: bound(at), last: bound(at + 1) }));
}
