import { selectionOf } from "../asked.ts";
import { extractiveAnswer } from "../extractive.ts";
import { abstention, answered, unsure } from "../results.ts";
import { withStates } from "../stated.ts";
import type { Mode } from "./mode.ts";

/** Sentences, code and table rows of the passages, verbatim. */
export const quotation: Mode = {
  kind: "extractive",
  needsModel: false,
  step: "quote",
  title: () => "Answer, quoted from the docs (no LLM configured)",
  async answer(asked, { similarities }) {
    const { question, search, states } = asked;
    const draft = await extractiveAnswer(question, selectionOf(asked).selected, similarities, search.passages);
    if (draft === null) return abstention(asked, "quotation", null);
    if (search.unsure) return unsure(asked, draft);
    return answered(asked, "extractive", withStates(question, draft, states), null);
  },
};
