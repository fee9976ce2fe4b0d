import type { AskResult } from "../../../contracts/ask.ts";
import type { AnswerKind } from "../../../contracts/names.ts";
import type { Llm } from "../../llm/llm.ts";
import { type Asked, selectionOf } from "../asked.ts";
import { abstention } from "../results.ts";
import { degraded } from "./degraded.ts";
import { llm } from "./llm.ts";
import type { Mode, Tools } from "./mode.ts";
import { quotation } from "./quotation.ts";

/** All answer modes. To add one, write a file and a row; `testing/modeSuite.ts` runs for each row. */
export const MODES = { quotation, llm, degraded } satisfies Record<string, Mode>;

export type ModeName = keyof typeof MODES;

/** The mode that is tried first. @param llm the operator's model; null if none is configured */
export function modeFor(llm: Llm | null): ModeName {
  return llm === null ? "quotation" : "llm";
}

/**
 * Answers from the passages that are relevant enough. If none is, returns an abstention without calling the mode.
 * Throws the mode's errors.
 */
export async function answerBy(name: ModeName, asked: Asked, tools: Tools): Promise<AskResult> {
  if (asked.search.abstain || selectionOf(asked).selected.length === 0) return abstention(asked, "threshold", null);
  return MODES[name].answer(asked, tools);
}

/** Heading of an answer, for display. */
export function titleOf(kind: AnswerKind, model: string | null): string {
  const mode = Object.values(MODES).find((row) => row.kind === kind);
  return mode?.title(model) ?? (kind === "unsure" ? "Not sure" : "Not in these docs");
}
