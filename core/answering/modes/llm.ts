import type { Passage } from "../../../contracts/passage.ts";
import { WinnowError } from "../../base/errors.ts";
import { randomFence } from "../../llm/fence.ts";
import { selectionOf } from "../asked.ts";
import { checkAnswer } from "../citations.ts";
import { answerPrompt, saysNotInDocs, withoutRefusal } from "../prompt.ts";
import { abstention, answered } from "../results.ts";
import { degraded } from "./degraded.ts";
import type { Mode } from "./mode.ts";

/** An answer with less overlap with its citations was invented, or steered by a planted instruction. */
const MIN_SUPPORT = 0.3;
const CUT = "(The answer was cut at the model's length limit.)";

/**
 * One attempt with the operator's model, including a check of its citations. Abstains if the model finds no answer in
 * the passages.
 */
export const llm: Mode = {
  kind: "llm",
  needsModel: true,
  step: "answer",
  title: (model) => `Answer by ${model}`,
  async answer(asked, tools) {
    const { llm: endpoint, signal } = tools;
    if (endpoint === null)
      throw new WinnowError("LlmRefused", "no LLM is configured: set WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL");
    const given = withStatesLast(selectionOf(asked).selected, asked.states);
    const reply = await endpoint.complete(answerPrompt(asked.question, given, randomFence()), signal);
    if (saysNotInDocs(reply.text)) return abstention(asked, "llm", endpoint.model);
    const { text, citations, unsupported, support } = checkAnswer(withoutRefusal(reply.text), given);
    if (citations.length === 0 || support < MIN_SUPPORT)
      return degraded.answer(asked, { ...tools, failure: "its answer could not be traced to any passage" });
    const draft = { text: reply.cut ? `${text}\n\n${CUT}` : text, citations };
    return { ...answered(asked, "llm", draft, endpoint.model), unsupported };
  },
};

function withStatesLast(selected: Passage[], states: Passage[]): Passage[] {
  const known = new Set(selected.map(({ id }) => id));
  return [...selected, ...states.filter(({ id }) => !known.has(id))];
}
