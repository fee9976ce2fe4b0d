import { passagesInstead } from "../../llm/passagesInstead.ts";
import { selectionOf } from "../asked.ts";
import { answered, quoteFor } from "../results.ts";
import type { Mode } from "./mode.ts";

/** The passages themselves, marked as no answer, after the model failed permanently. */
export const degraded: Mode = {
  kind: "degraded",
  needsModel: false,
  step: "degrade",
  title: () => "The LLM did not answer; the passages it would have seen",
  async answer(asked, { llm, failure }) {
    const citations = selectionOf(asked).selected.map((passage) => quoteFor(asked, passage));
    const text = passagesInstead(failure ?? "it gave none", asked.search.unsure, citations);
    return answered(asked, "degraded", { text, citations }, llm?.model ?? null);
  },
};
