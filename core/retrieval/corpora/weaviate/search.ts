import type { WeightedTerm } from "../../termStatistics.ts";
import { TopK } from "../../topK.ts";
import type { NearestWindow } from "../../windowVectors.ts";
import { WINDOWS_PER_PASSAGE } from "../../windowVectors.ts";
import type { CorpusSearch } from "../corpus.ts";
import type { HeldShards } from "./held.ts";
import { bm25Of, type KnownTerm, knownTerms, nearestOf, type PassageFacts } from "./postings.ts";
import { nearestWindows, passagesWithTerms, type WindowHit } from "./queries.ts";

/** Passages fetched for each place in the list, because the server's BM25 order only approximates ours. */
const SPARE = 2;
/** Passages beyond the list whose cosines are computed too, because the server rounds differently. */
const DENSE_SPARE = 20;
/** Times that a question's own terms are repeated in a query of weighted terms, which makes weights whole numbers. */
const WEIGHT_STEPS = 8;
/** Last hits of a shard's list. If one of them scores above the merged list's last, the shard may have more. */
const TAIL = 10;

/**
 * A search of a corpus on search servers. The servers find candidates and return their terms and vectors. BM25 and
 * cosines are computed here, as for a corpus in memory.
 */
export class WeaviateSearch implements CorpusSearch {
  private constructor(
    private readonly corpus: HeldShards,
    private readonly own: readonly KnownTerm[],
    private readonly vector: Float32Array,
    /** Shared by a search and those that expand it. */
    private readonly facts: Map<number, PassageFacts>,
    readonly lexical: readonly number[],
    readonly dense: readonly number[],
    readonly positions: readonly number[],
  ) {}

  static async start(
    corpus: HeldShards,
    terms: readonly WeightedTerm[],
    vector: Float32Array,
    depth: number,
  ): Promise<WeaviateSearch> {
    const own = knownTerms(terms, corpus.table);
    const facts = new Map<number, PassageFacts>();
    const { lexical, dense } = await listsOf(corpus, own, vector, depth, facts);
    return new WeaviateSearch(corpus, own, vector, facts, lexical, dense, [...new Set([...dense, ...lexical])]);
  }

  bm25(position: number): number {
    return bm25Of(this.factsOf(position), this.own);
  }

  nearest(position: number, vector: Float32Array): NearestWindow {
    const { cosine, window } = nearestOf(this.factsOf(position), vector);
    return { window, cosine: this.corpus.scale(cosine) };
  }

  vectorOf(position: number, window: number): Float32Array {
    const { windows } = this.factsOf(position);
    const dim = this.vector.length;
    return windows.slice(window * dim, (window + 1) * dim);
  }

  async include(positions: readonly number[]): Promise<void> {
    await addFacts(this.corpus, positions, this.facts);
  }

  async expand(more: readonly WeightedTerm[], vector: Float32Array): Promise<CorpusSearch> {
    const terms = [...this.own, ...knownTerms(more, this.corpus.table)];
    const depth = Math.max(this.dense.length, this.lexical.length);
    const { lexical, dense } = await listsOf(this.corpus, terms, vector, depth, this.facts);
    const positions = [...new Set([...this.positions, ...dense, ...lexical])];
    return new WeaviateSearch(this.corpus, terms, vector, this.facts, lexical, dense, positions);
  }

  private factsOf(position: number): PassageFacts {
    return this.facts.get(position)!;
  }
}

/** Both lists, best first. Adds the facts of all candidates. */
async function listsOf(
  corpus: HeldShards,
  terms: readonly KnownTerm[],
  vector: Float32Array,
  depth: number,
  facts: Map<number, PassageFacts>,
): Promise<{ lexical: number[]; dense: number[] }> {
  const [near] = await Promise.all([
    nearestPositions(corpus, vector, depth),
    addPassagesWithTerms(corpus, terms, depth, facts),
  ]);
  await addFacts(corpus, near, facts);
  const best = new TopK(Math.min(depth, facts.size));
  for (const [position, found] of facts) {
    const score = bm25Of(found, terms);
    if (score > 0) best.offer(position, score);
  }
  const scored = near.map((position) => ({
    position,
    cosine: corpus.scale(nearestOf(facts.get(position)!, vector).cosine),
  }));
  scored.sort((a, b) => b.cosine - a.cosine || a.position - b.position);
  return {
    lexical: Array.from(best.sorted().positions),
    dense: scored.slice(0, depth).map(({ position }) => position),
  };
}

async function addFacts(
  corpus: HeldShards,
  positions: readonly number[],
  facts: Map<number, PassageFacts>,
): Promise<void> {
  const missing = positions.filter((position) => !facts.has(position));
  for (const [position, found] of await corpus.facts(missing)) facts.set(position, found);
}

/** Positions of the passages with the nearest windows, by the servers' own scores, best first. */
async function nearestPositions(corpus: HeldShards, vector: Float32Array, depth: number): Promise<number[]> {
  const hits = await windowsNear(corpus, vector, depth * WINDOWS_PER_PASSAGE);
  return [...new Set(hits.map(({ position }) => position))].slice(0, depth + DENSE_SPARE);
}

/** The windows of all shards nearest to a vector, by the servers' own scores, best first. */
export async function windowsNear(corpus: HeldShards, vector: Float32Array, rows: number): Promise<WindowHit[]> {
  const lists = await corpus.everywhere("windows", async (asked) => nearestWindows(asked, vector, share(corpus, rows)));
  const worst = sorted(lists.flat())[rows - 1];
  const whole = await Promise.all(
    lists.map((list, shard) => {
      const goesOn = list.length === share(corpus, rows) && list.length < rows;
      const cutShort = goesOn && (worst === undefined || list.at(-1)!.score > worst.score);
      return cutShort ? corpus.ask(shard, "windows", (asked) => nearestWindows(asked, vector, rows)) : list;
    }),
  );
  return sorted(whole.flat()).slice(0, rows);
}

function sorted(hits: WindowHit[]): WindowHit[] {
  return hits.sort((a, b) => b.score - a.score || a.position - b.position);
}

/** Adds the facts of the passages that the servers' BM25 ranks first, deep enough for the `depth` best by ours. */
async function addPassagesWithTerms(
  corpus: HeldShards,
  terms: readonly KnownTerm[],
  depth: number,
  facts: Map<number, PassageFacts>,
): Promise<void> {
  const tokens = repeated(terms, corpus);
  if (tokens.length === 0) return;
  const all = SPARE * depth;
  const first = share(corpus, all);
  const ask = (shard: number, limit: number) =>
    corpus.ask(shard, "passages", (asked) => passagesWithTerms(asked, tokens, limit));
  const lists = await Promise.all(Array.from({ length: corpus.count }, (_, shard) => ask(shard, first)));
  const scores = lists.map((list) => list.map(([, found]) => bm25Of(found, terms)));
  const least = scores.flat().sort((a, b) => b - a)[depth - 1] ?? 0;
  const deeper = lists.map(async (list, shard) => {
    const tail = scores[shard]!.slice(-TAIL);
    const cutShort = list.length === first && first < all && tail.some((score) => score > least);
    return cutShort ? ask(shard, all) : list;
  });
  for (const list of await Promise.all(deeper)) for (const [position, found] of list) facts.set(position, found);
}

/** Hits to request from each shard for the `all` best of the corpus, with room for an uneven distribution. */
function share({ count }: HeldShards, all: number): number {
  const mean = Math.ceil(all / count);
  return count === 1 ? all : Math.min(all, mean + 4 * Math.ceil(Math.sqrt(mean)) + TAIL);
}

/**
 * The query's terms, each repeated in proportion to its weight: the server's BM25 multiplies a term's score by its
 * count in the query and by the server's own idf.
 */
function repeated(terms: readonly KnownTerm[], corpus: HeldShards): string[] {
  const ratios = terms.map(({ term, weight }) => weight / corpus.terms.idfOf(term));
  const plain = ratios.every((ratio) => ratio === 1);
  return terms.flatMap(({ term }, at) =>
    Array<string>(plain ? 1 : Math.max(1, Math.round(WEIGHT_STEPS * ratios[at]!))).fill(term),
  );
}
