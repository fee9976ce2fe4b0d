import type { Citation } from "../../../contracts/ask.ts";
import type { Passage } from "../../../contracts/passage.ts";

/** True if every citation refers to a given passage, and its quote occurs there verbatim. */
export function citationsHold(citations: Citation[], passages: Passage[]): boolean {
  return citations.every((citation) =>
    passages.some((passage) => passage.url === citation.url && passage.text.includes(citation.quote)),
  );
}
