import type { Bm25Settings } from "../artifacts/bm25File.ts";
import { queryTerms } from "./tokenize.ts";

/** A hash, an address or a number. If the docs do not contain it, that is no sign of an unanswerable question. */
const ACCIDENTAL = /^\d+$|^(?=.*\d)[\p{L}\p{N}]{4,}$/u;

/** A term of a search with its weight; a question's own terms weigh their idf. */
export interface WeightedTerm {
  term: string;
  weight: number;
}

/** Document frequencies of a corpus's terms, and the weights that BM25 derives from them. */
export class TermStatistics {
  /**
   * @param count passages of the corpus.
   * @param frequencyOf number of passages that contain a term; 0 if none does.
   */
  constructor(
    readonly count: number,
    readonly settings: Bm25Settings,
    private readonly frequencyOf: (term: string) => number,
  ) {}

  /** A question's terms, weighted by idf. */
  weighted(question: string): WeightedTerm[] {
    return queryTerms(question).map((term) => ({ term, weight: this.idfOf(term) }));
  }

  /** Inverse document frequency of a term; 0 if no passage contains it. */
  idfOf(term: string): number {
    const frequency = this.frequencyOf(term);
    return frequency === 0 ? 0 : this.idf(frequency);
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
      const frequency = this.frequencyOf(term);
      const skipped = /[^\p{L}\p{N}]/u.test(term) || ACCIDENTAL.test(term);
      return frequency === 0 && skipped ? [] : [this.idf(frequency)];
    });
    return this.sumOfRarest(idfs) * (this.settings.k1 + 1);
  }

  /** Sum of the inverse document frequencies of a question's rarest known terms. */
  tellingIdf(question: string): number {
    return this.sumOfRarest(queryTerms(question).map((term) => this.idfOf(term)));
  }

  private sumOfRarest(idfs: number[]): number {
    const rarest = idfs.sort((a, b) => b - a).slice(0, this.settings.tellingTerms);
    return rarest.reduce((sum, idf) => sum + idf, 0);
  }

  private idf(frequency: number): number {
    return Math.log(1 + (this.count - frequency + 0.5) / (frequency + 0.5));
  }
}
