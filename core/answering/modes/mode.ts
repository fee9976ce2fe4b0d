import type { AskResult } from "../../../contracts/ask.ts";
import type { AnswerKind } from "../../../contracts/names.ts";
import type { Llm } from "../../llm/llm.ts";
import type { OnText } from "../../llm/streamedReply.ts";
import type { Asked } from "../asked.ts";
import type { SentenceScorer } from "../unitScores.ts";

/** Resources for a mode besides the passages. */
export interface Tools {
  similarities: SentenceScorer;
  /** The operator's model; null if none is configured. */
  llm: Llm | null;
  /**
   * Reason for the model's permanent failure, phrased to follow "the language model ..."; null if it has not failed.
   */
  failure: string | null;
  signal?: AbortSignal;
  /** Receives the text that may be shown before it is checked, while the model writes it. */
  onText?: OnText;
}

/** One way to answer a question from the relevant passages. */
export interface Mode {
  /** Kind of its answers. */
  kind: AnswerKind;
  /**
   * True for a mode that runs in a worker, which has the operator's key, and is retried by Temporal. False for one that
   * runs beside the engine.
   */
  needsModel: boolean;
  /** Label of its duration in the metrics. */
  step: string;
  /** Heading of its answers, for display. @param model of the receipt */
  title(model: string | null): string;
  /** Throws the errors of `Llm.complete`. */
  answer(asked: Asked, tools: Tools): Promise<AskResult>;
}
