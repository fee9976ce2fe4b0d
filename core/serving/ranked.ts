import type { RankedPassage, SearchResult } from "../../contracts/passage.ts";
import type { Asked } from "../answering/asked.ts";

/** A candidate without its text, as it crosses Temporal: the engine finds the text by the id. */
export type RankedCandidate = Omit<RankedPassage, "text">;

/** A search as it crosses Temporal. */
export interface Ranked extends Omit<SearchResult, "passages"> {
  passages: RankedCandidate[];
}

/** A question with its candidates, as it crosses Temporal. */
export interface RankedQuestion extends Pick<Asked, "question" | "corpus" | "passages"> {
  ranked: Ranked;
}

export function withoutTexts(search: SearchResult): Ranked {
  return { ...search, passages: search.passages.map(withoutText) };
}

function withoutText({ id, page, heading, url, lines, window, scores, rank }: RankedPassage): RankedCandidate {
  return { id, page, heading, url, lines, window, scores, rank };
}
