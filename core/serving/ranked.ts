import type { RankedPassage, SearchResult } from "../../contracts/passage.ts";
import type { Asked } from "../answering/asked.ts";

/** A candidate as sent through Temporal, without its text. The engine looks up the text by id. */
export type RankedCandidate = Omit<RankedPassage, "text">;

/** A search result as sent through Temporal. */
export interface Ranked extends Omit<SearchResult, "passages"> {
  passages: RankedCandidate[];
}

/** A question with its candidates, as sent through Temporal. */
export interface RankedQuestion extends Pick<Asked, "question" | "corpus" | "passages"> {
  ranked: Ranked;
}

export function withoutTexts(search: SearchResult): Ranked {
  return { ...search, passages: search.passages.map(withoutText) };
}

function withoutText({ id, page, heading, url, lines, window, scores, rank }: RankedPassage): RankedCandidate {
  return { id, page, heading, url, lines, window, scores, rank };
}
