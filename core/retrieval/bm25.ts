import { type Bm25Data, type Bm25Settings, readBm25, writeBm25 } from "../artifacts/bm25File.ts";
import { TermStatistics } from "./termStatistics.ts";
import { type Neighbours, TopK } from "./topK.ts";

export const BM25_DEFAULTS: Bm25Settings = { k1: 1.2, b: 0.3, titleB: 0.3, titleWeight: 2, tellingTerms: 8 };

/**
 * BM25 over two fields, heading trail and text (BM25F: Robertson, Zaragoza and Taylor, CIKM 2004). Field frequencies
 * are normalised by field length, weighted, added, and saturated once. A score is therefore at most the sum of idf *
 * (k1 + 1).
 */
export class Bm25Index {
  /** Document frequencies and what follows from them. */
  readonly terms: TermStatistics;
  private readonly termIds: Map<string, number>;

  constructor(private readonly data: Bm25Data) {
    this.termIds = new Map(data.terms.map((term, id) => [term, id]));
    this.terms = new TermStatistics(data.count, data.settings, (term) => this.frequencyOf(term));
  }

  /** Loads an index written by {@link Bm25Index.save}. Throws `CorruptArtifact`. */
  static async load(folder: string): Promise<Bm25Index> {
    return new Bm25Index(await readBm25(folder));
  }

  /** Writes `bm25.json` (settings and sizes in readable form) and `bm25.bin` into `folder`. */
  async save(folder: string): Promise<void> {
    await writeBm25(folder, this.data);
  }

  get count(): number {
    return this.data.count;
  }

  get settings(): Bm25Settings {
    return this.data.settings;
  }

  /** The `k` best passages that share a term with the question. */
  search(question: string, k: number): Neighbours {
    return topScores(this.scoreAll(question), k);
  }

  /** Scores of all passages, in passage order; 0 without a shared term. */
  scoreAll(question: string): Float32Array {
    const scores = new Float32Array(this.data.count);
    for (const { term, weight } of this.terms.weighted(question)) this.addTerm(scores, term, weight);
    return scores;
  }

  /**
   * Adds a term's contribution to `scores` (of all passages), with `weight` instead of its idf. Unknown terms add
   * nothing.
   */
  addTerm(scores: Float32Array, term: string, weight: number): void {
    const { offsets, positions, impacts } = this.data;
    const id = this.termIds.get(term);
    if (id === undefined) return;
    for (let at = offsets[id]!; at < offsets[id + 1]!; at++) {
      const position = positions[at]!;
      scores[position] = scores[position]! + weight * impacts[at]!;
    }
  }

  private frequencyOf(term: string): number {
    const id = this.termIds.get(term);
    return id === undefined ? 0 : this.data.offsets[id + 1]! - this.data.offsets[id]!;
  }
}

/** The `k` best of a full list of scores, without zeros. */
export function topScores(scores: Float32Array, k: number): Neighbours {
  const best = new TopK(Math.min(k, scores.length));
  for (let position = 0; position < scores.length; position++) {
    if (scores[position]! > 0) best.offer(position, scores[position]!);
  }
  return best.sorted();
}

/** `score / best`, at most 1, because a passage may contain more terms than count. 0 if no passage can score. */
export function bm25Share(score: number, best: number): number {
  return best > 0 ? Math.min(1, score / best) : 0;
}
