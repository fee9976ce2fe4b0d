import type { Passage, SearchResult } from "../../contracts/passage.ts";
import { leastUsed } from "../judging/limits.ts";
import { type Selection, selectPassages } from "./receipt.ts";

/** A question with its search results. */
export interface Asked {
  question: string;
  corpus: string;
  search: SearchResult;
  /** Maximum number of passages behind the answer. */
  passages: number;
  /** Passages that state the version or stage that a question asks about (stated.ts). */
  states: Passage[];
}

/** The passages for the answer, and the reason each other candidate was dropped. */
export function selectionOf({ search, passages }: Asked): Selection {
  return selectPassages(search.passages, leastUsed(search), passages);
}
