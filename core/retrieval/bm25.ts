import { type Bm25Data, type Bm25Settings, readBm25, writeBm25 } from "../artifacts/bm25File.ts";
import { queryTerms } from "./tokenize.ts";
import { type Neighbours, TopK } from "./topK.ts";

export const BM25_DEFAULTS: Bm25Settings = { k1: 1.2, b: 0.3, titleB: 0.3, titleWeight: 2, tellingTerms: 8 };
/** A hash, an address or a number. If the docs do not contain it, that is no sign of an unanswerable question. */
const ACCIDENTAL = /^\d+$|^(?=.*\d)[\p{L}\p{N}]{4,}$/u;

/**
 * BM25 over two fields, heading trail and text (BM25F: Robertson, Zaragoza and Taylor, CIKM 2004). Field frequencies
 * are normalised by field length, weighted, added, and saturated once. A score is therefore at most the sum of idf *
 * (k1 + 1).
 */
export class Bm25Index {
  private readonly termIds: Map<string, number>;

  constructor(private readonly data: Bm25Data) {
    this.termIds = new Map(data.terms.map((term, id) => [term, id]));
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
    for (const term of queryTerms(question)) this.addTerm(scores, term, this.idfOf(term));
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

  /** Inverse document frequency of a term; 0 if no passage contains it. */
  idfOf(term: string): number {
    const id = this.termIds.get(term);
    return id === undefined ? 0 : this.idf(id);
  }

  /**
   * The score of a passage that repeats the question's rarest terms without end. A score divided by it is absolute,
   * 0..1.
   *
   * Unknown words count as the rarest, because the docs can hardly answer about words they never mention. Unknown
   * compounds and accidental words do not count: the parts of compounds count already.
   *
   * Only the rarest terms count. A pasted error message has many terms that no passage repeats, and would look
   * unanswered by the passage that explains it.
   */
  bestPossible(question: string): number {
    const idfs = queryTerms(question).flatMap((term) => {
      const id = this.termIds.get(term);
      const skipped = /[^\p{L}\p{N}]/u.test(term) || ACCIDENTAL.test(term);
      return id === undefined && skipped ? [] : [this.idf(id)];
    });
    return this.sumOfRarest(idfs) * (this.data.settings.k1 + 1);
  }

  /** Sum of the inverse document frequencies of a question's rarest known terms. */
  tellingIdf(question: string): number {
    return this.sumOfRarest(queryTerms(question).map((term) => this.idfOf(term)));
  }

  private sumOfRarest(idfs: number[]): number {
    const rarest = idfs.sort((a, b) => b - a).slice(0, this.data.settings.tellingTerms);
    return rarest.reduce((sum, idf) => sum + idf, 0);
  }

  private idf(id: number | undefined): number {
    const frequency = id === undefined ? 0 : this.data.offsets[id + 1]! - this.data.offsets[id]!;
    return Math.log(1 + (this.data.count - frequency + 0.5) / (frequency + 0.5));
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
