import type { PassageList } from "../../artifacts/passagesOnDisk.ts";
import type { IndexBackend, IndexKind } from "../../artifacts/searchIndex.ts";
import type { StatingPassages } from "../../docs/statingPassages.ts";
import type { StoredPassage } from "../../docs/windows.ts";
import type { TermStatistics, WeightedTerm } from "../termStatistics.ts";
import type { NearestWindow } from "../windowVectors.ts";

/**
 * One question's search of a corpus: both lists, and the scores of their passages. Winnow computes the scores, not the
 * engine: engines may differ in the candidates they find, never in a candidate's score.
 */
export interface CorpusSearch {
  /** Positions of the best passages by BM25, best first. */
  readonly lexical: readonly number[];
  /** Positions of the passages with the nearest windows, best first. */
  readonly dense: readonly number[];
  /** Everything in the two lists, and in those of the search that was expanded. */
  readonly positions: Iterable<number>;
  /** Raw BM25 score of a passage of this search, 0 without a shared term. */
  bm25(position: number): number;
  /** Nearest window of a passage of this search to a unit vector of [dim]. */
  nearest(position: number, vector: Float32Array): NearestWindow;
  /** Unit vector of [dim] of a window. */
  vectorOf(position: number, window: number): Float32Array;
  /** Makes the scores of further passages known. */
  include(positions: readonly number[]): Promise<void>;
  /**
   * Searches again, to the depth of this search, with more terms and another vector. This search then knows the scores
   * of everything that was found, by its own terms.
   */
  expand(more: readonly WeightedTerm[], vector: Float32Array): Promise<CorpusSearch>;
}

/** Passages by position, page and id: all of a corpus, or those that a task has looked up. */
export interface PassageBook {
  /** Passages of the corpus. */
  readonly count: number;
  /** Throws BadInput if the passage was not looked up. */
  at(position: number): StoredPassage;
  /** Positions of a page's passages, in order; none for an unknown page. */
  onPage(page: string): readonly number[];
  /** Position of the passage with this id, if there is one. */
  withId(id: string): number | undefined;
  /** Adds a passage that another search found. */
  keep(position: number, passage: StoredPassage): void;
}

/** Passages that a task needs beside its candidates. */
export interface WantedPassages {
  pages?: Iterable<string>;
  ids?: Iterable<string>;
}

/**
 * A corpus as retrieval uses it, in memory or on search servers. Positions are those of the ingest artifact. All
 * implementations pass `corpusSuite`, which compares their results with a full scan.
 */
export interface SearchCorpus {
  readonly kind: IndexKind;
  readonly backend: IndexBackend;
  /** Passages. */
  readonly count: number;
  readonly terms: TermStatistics;
  readonly stating: StatingPassages;
  /** All passages; null if they are not on this machine. */
  readonly passages: PassageList | null;
  /** @param vector unit vector of [dim]. @param depth passages in each list. */
  search(terms: readonly WeightedTerm[], vector: Float32Array, depth: number): Promise<CorpusSearch>;
  /** Passages by position, in the order asked for. */
  passagesAt(positions: readonly number[]): Promise<StoredPassage[]>;
  /** The passage with this id; null if there is none. */
  passage(id: string): Promise<StoredPassage | null>;
  /** All passages of the page of the passage with this id, in order; null if there is none. */
  page(id: string): Promise<StoredPassage[] | null>;
  /** A book with at least these passages. */
  lookUp(wanted: WantedPassages): Promise<PassageBook>;
  close(): void;
}
