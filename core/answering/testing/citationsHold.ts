import type { Citation } from "../../../contracts/ask.ts";
import type { Passage } from "../../../contracts/passage.ts";

/** True when every citation is of a passage given, and its quote occurs there to the letter. */
export function citationsHold(citations: Citation[], passages: Passage[]): boolean {
  return citations.every((citation) =>
    passages.some((passage) => passage.url === citation.url && passage.text.includes(citation.quote)),
  );
}
