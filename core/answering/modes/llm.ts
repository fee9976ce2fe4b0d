import { MAX_PAYLOAD_BYTES } from "../../../contracts/names.ts";
import type { Passage } from "../../../contracts/passage.ts";
import { WinnowError } from "../../base/errors.ts";
import { withClosedFence } from "../../docs/text/code.ts";
import { randomFence } from "../../llm/fence.ts";
import type { OnText } from "../../llm/streamedReply.ts";
import { selectionOf } from "../asked.ts";
import { type CheckedAnswer, checkAnswer } from "../citations.ts";
import { TangledText } from "../foreignLinks.ts";
import { answerPrompt, saysNotInDocs, sufficesBy, sufficiencyPrompt, withoutRefusal } from "../prompt.ts";
import { abstention, answered } from "../results.ts";
import { shownSoFar } from "../shownSoFar.ts";
import { degraded } from "./degraded.ts";
import type { Mode } from "./mode.ts";
import { quotation } from "./quotation.ts";

/** An answer with less overlap with its citations was invented, or steered by a planted instruction. */
const MIN_SUPPORT = 0.3;
const CUT = "(The answer was cut at the model's length limit.)";
const TOO_LONG = "(The answer was cut: it is longer than an answer may be.)";
const UNTRACED = "its answer could not be traced to any passage";
const TANGLED = "its answer holds links or markup that cannot be taken out safely";
const LARGE = "its answer is too large to be recorded";

/**
 * One attempt with the operator's model, including a check of its citations. Abstains if the model finds no answer in
 * the passages. Where the release is not sure, the model first judges whether they suffice; without a verdict, quotes.
 */
export const llm: Mode = {
  kind: "llm",
  needsModel: true,
  step: "answer",
  title: (model) => `Answer by ${model}`,
  async answer(asked, tools) {
    const { llm: endpoint, signal, onText } = tools;
    if (endpoint === null)
      throw new WinnowError("LlmRefused", "no LLM is configured: set WINNOW_LLM_BASE_URL and WINNOW_LLM_MODEL");
    const given = withStatesLast(selectionOf(asked).selected, asked.states);
    const show: OnText | undefined = onText && ((soFar) => onText(() => shownSoFar(soFar())));
    if (asked.search.unsure) {
      const verdict = await endpoint.complete(sufficiencyPrompt(asked.question, given, randomFence()), signal);
      const suffices = sufficesBy(verdict.text);
      if (suffices === false) return abstention(asked, "llm", endpoint.model);
      if (suffices === null) return quotation.answer(asked, tools);
    }
    const reply = await endpoint.complete(answerPrompt(asked.question, given, randomFence()), signal, show);
    if (saysNotInDocs(reply.text)) return abstention(asked, "llm", endpoint.model);
    const instead = (failure: string) => degraded.answer(asked, { ...tools, failure });
    const checked = checkedOrNull(withoutRefusal(reply.text), given);
    if (checked === null) return instead(TANGLED);
    const { citations, unsupported, support } = checked;
    if (citations.length === 0 || support < MIN_SUPPORT) return instead(UNTRACED);
    const notice = checked.cut ? TOO_LONG : reply.cut ? CUT : null;
    const text = notice === null ? checked.text : `${withClosedFence(checked.text)}\n\n${notice}`;
    const result = { ...answered(asked, "llm", { text, citations }, endpoint.model), unsupported };
    return Buffer.byteLength(JSON.stringify(result)) > MAX_PAYLOAD_BYTES ? instead(LARGE) : result;
  },
};

function checkedOrNull(reply: string, given: Passage[]): CheckedAnswer | null {
  try {
    return checkAnswer(reply, given);
  } catch (error) {
    if (error instanceof TangledText) return null;
    throw error;
  }
}

function withStatesLast(selected: Passage[], states: Passage[]): Passage[] {
  const known = new Set(selected.map(({ id }) => id));
  return [...selected, ...states.filter(({ id }) => !known.has(id))];
}
