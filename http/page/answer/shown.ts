import type { Root } from "hast";
import type { Citation } from "../../../contracts/ask.ts";
import type { IdentifiedAnswer } from "../../../contracts/askEvents.ts";
import type { ServingRelease } from "../../../contracts/serving.ts";

/** What the page adds to a recorded answer before it shows it. */
export interface Prepared {
  /** The answer's Markdown, safe to show. */
  tree: Root;
  /** Measured quality of its release; null if it is not measured, or does not serve any more. */
  quality: ServingRelease["quality"];
}

/** A cited passage in full. */
export interface Source {
  id: string;
  text: string;
  /** Where the quote stands in the text; null if it is not there word for word. */
  at: number | null;
}

/** An answer with all that the page shows of it. */
export interface ShownAnswer extends Partial<Prepared> {
  answer: IdentifiedAnswer;
  /** Passage of each citation, or of each closest passage; null where it cannot be read, undefined until it is. */
  sources?: (Source | null)[];
}

/** What is quoted: the citations of an answer, or the closest passages of a refusal. */
export function quotedIn({ kind, citations, closest }: IdentifiedAnswer): Citation[] {
  return kind === "abstained" ? closest : citations;
}
