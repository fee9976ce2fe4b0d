import { type Bm25Data, type Bm25Settings, readBm25, writeBm25 } from "../artifacts/bm25File.ts";
import { queryTerms } from "./tokenize.ts";
import { type Neighbours, TopK } from "./topK.ts";

export const BM25_DEFAULTS: Bm25Settings = { k1: 1.2, b: 0.3, titleB: 0.3, titleWeight: 2, tellingTerms: 8 };
/** A hash, an address or a number that the docs do not hold: nobody expects them to. */
const ACCIDENTAL = /^\d+$|^(?=.*\d)[\p{L}\p{N}]{4,}$/u;

/**
 * BM25 over two fields, heading trail and text (BM25F: Robertson, Zaragoza and Taylor, CIKM 2004): field frequencies are
 * normalised by field length, weighed, added, and saturated once, so a score is at most the sum of idf * (k1 + 1).
 */
export class Bm25Index {
  private readonly termIds: Map<string, number>;

  constructor(private readonly data: Bm25Data) {
    this.termIds = new Map(data.terms.map((term, id) => [term, id]));
  }

  /** Reads what {@link Bm25Index.save} wrote. Throws `CorruptArtifact`. */
  static async load(folder: string): Promise<Bm25Index> {
    return new Bm25Index(await readBm25(folder));
  }

  /** Writes `bm25.json` (settings and sizes, for people) and `bm25.bin` into `folder`. */
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

  /** Scores of all passages, in passage order; 0 where no term is shared. */
  scoreAll(question: string): Float32Array {
    const scores = new Float32Array(this.data.count);
    for (const term of queryTerms(question)) this.addTerm(scores, term, this.idfOf(term));
    return scores;
  }

  /** Adds to `scores` (of all passages) what a term gives, with `weight` in the place of its idf. Unknown terms give nothing. */
  addTerm(scores: Float32Array, term: string, weight: number): void {
    const { offsets, positions, impacts } = this.data;
    const id = this.termIds.get(term);
    if (id === undefined) return;
    for (let at = offsets[id]!; at < offsets[id + 1]!; at++) {
      const position = positions[at]!;
      scores[position] = scores[position]! + weight * impacts[at]!;
    }
  }

  /** Inverse document frequency of a term; 0 where no passage holds it. */
  idfOf(term: string): number {
    const id = this.termIds.get(term);
    return id === undefined ? 0 : this.idf(id);
  }

  /**
   * The score of a passage that repeats the question's telling terms without end. A score divided by it is absolute,
   * 0..1. Unknown words count as the rarest, since what the docs never mention they can hardly answer; unknown
   * compounds do not, as their parts count already, nor what is accidental. Only the rarest terms count: a pasted error
   * message has many that no passage repeats, and would look unanswered by the passage that explains it. An index
   * without that setting counts all: the threshold of its release was chosen so.
   */
  bestPossible(question: string): number {
    const skipsAccidental = this.data.settings.tellingTerms !== undefined;
    const idfs = queryTerms(question).flatMap((term) => {
      const id = this.termIds.get(term);
      const skipped = /[^\p{L}\p{N}]/u.test(term) || (skipsAccidental && ACCIDENTAL.test(term));
      return id === undefined && skipped ? [] : [this.idf(id)];
    });
    return this.sumOfRarest(idfs) * (this.data.settings.k1 + 1);
  }

  /** Inverse document frequency of a question's rarest terms that the docs hold, together. */
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

/** The `k` best of a full score list, leaving out zeros. */
export function topScores(scores: Float32Array, k: number): Neighbours {
  const best = new TopK(Math.min(k, scores.length));
  for (let position = 0; position < scores.length; position++) {
    if (scores[position]! > 0) best.offer(position, scores[position]!);
  }
  return best.sorted();
}

/** `score / best`, at most 1: a passage may hold more terms than those that count. 0 where nothing could have scored. */
export function bm25Share(score: number, best: number): number {
  return best > 0 ? Math.min(1, score / best) : 0;
}
