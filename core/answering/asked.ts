import type { Passage, SearchResult } from "../../contracts/passage.ts";
import { type Selection, selectPassages } from "./receipt.ts";

/** A question with what the search found for it. */
export interface Asked {
  question: string;
  corpus: string;
  search: SearchResult;
  /** Passages the answer may draw on, at most. */
  passages: number;
  /** Passages that state the version or stage a question asks about (stated.ts). */
  states: Passage[];
}

/** The passages an answer may draw on, and why each other candidate is dropped. */
export function selectionOf({ search, passages }: Asked): Selection {
  return selectPassages(search.passages, search.threshold, passages);
}
