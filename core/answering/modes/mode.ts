import type { AnswerKind, AskResult } from "../../../contracts/ask.ts";
import type { Llm } from "../../llm/llm.ts";
import type { Asked } from "../asked.ts";
import type { SentenceScorer } from "../unitScores.ts";

/** What a mode may use beside the passages. */
export interface Tools {
  similarities: SentenceScorer;
  /** The operator's model; null where none is configured. */
  llm: Llm | null;
  /** Why the model failed for good, as the end of "the language model ..."; null where it has not. */
  failure: string | null;
  signal?: AbortSignal;
}

/** One way to answer a question from the passages that are relevant enough. */
export interface Mode {
  /** Kind of its answers. */
  kind: AnswerKind;
  /** True: it runs in a worker, which has the operator's key, and its retries are Temporal's. False: it runs beside the engine. */
  needsModel: boolean;
  /** Label of its seconds in the metrics. */
  step: string;
  /** Heading of its answers for people. @param model of the receipt */
  title(model: string | null): string;
  /** Throws what `Llm.complete` throws. */
  answer(asked: Asked, tools: Tools): Promise<AskResult>;
}
