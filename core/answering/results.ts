import type { AskResult, Citation, Receipt } from "../../contracts/ask.ts";
import type { RankedPassage } from "../../contracts/passage.ts";
import { type Asked, selectionOf } from "./asked.ts";
import type { DraftAnswer } from "./extractive.ts";
import { bestQuote } from "./quote.ts";
import { buildReceipt, shortHeading } from "./receipt.ts";

const CLOSEST = 3;
const NOT_SURE = "The docs may not answer this question. The closest match:";
const NOT_ANSWERED = "The docs do not seem to answer this question. The closest passages are listed.";

/** An answer with its receipt. */
export function answered(asked: Asked, kind: AskResult["kind"], draft: DraftAnswer, model: string | null): AskResult {
  return {
    answer: draft.text,
    kind,
    citations: draft.citations.map(shortened),
    closest: [],
    unsupported: [],
    receipt: buildReceipt(asked.search, selectionOf(asked), {
      ...{ corpus: asked.corpus, refusedBy: null, model },
      unsure: kind === "unsure" || (kind === "degraded" && asked.search.unsure),
    }),
  };
}

/** The closest quotes, said to be no sure answer. */
export function unsure(asked: Asked, { text, citations }: DraftAnswer): AskResult {
  return answered(asked, "unsure", { text: `${NOT_SURE}\n\n${text}`, citations }, null);
}

/** "Not in these docs", with the closest passages. */
export function abstention(
  asked: Asked,
  refusedBy: NonNullable<Receipt["refusedBy"]>,
  model: string | null,
): AskResult {
  return {
    answer: NOT_ANSWERED,
    kind: "abstained",
    citations: [],
    closest: ordered(asked.search.passages)
      .slice(0, CLOSEST)
      .map((passage) => quoteFor(asked, passage)),
    unsupported: [],
    receipt: buildReceipt(asked.search, selectionOf(asked), { corpus: asked.corpus, refusedBy, model }),
  };
}

/** The sentence or code of the passage closest to the question, as a citation. */
export function quoteFor({ question }: Asked, passage: RankedPassage): Citation {
  return shortened(bestQuote(question, passage));
}

function ordered(passages: RankedPassage[]): RankedPassage[] {
  return [...passages].sort((a, b) => a.rank.served - b.rank.served);
}

function shortened(citation: Citation): Citation {
  return { ...citation, heading: shortHeading(citation.heading) };
}
