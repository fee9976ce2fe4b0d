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
    const lines = citations.map(({ heading, quote }, at) => `[${at + 1}] ${heading.join(" > ")}: ${quote}`);
    const why = failure ?? "it gave none";
    const doubt = asked.search.unsure ? " The docs may not answer this question." : "";
    const text = [`No answer by the language model: ${why}.${doubt} The passages that match best:`, ...lines];
    return answered(asked, "degraded", { text: text.join("\n\n"), citations }, llm?.model ?? null);
  },
};
