import type { AskResult, Receipt } from "./ask.ts";

/** An answer with the id of the workflow that made it, by which it is read again. */
export interface IdentifiedAnswer extends AskResult {
  id: string;
  /** The LLM's text was not kept: `answer` says so. Absent otherwise. */
  withheld?: true;
}

/** The candidates of a question with all scores, as in the receipt, before an answer is written from them. */
export type FoundPassages = Pick<
  Receipt,
  "release" | "corpus" | "ranking" | "threshold" | "limits" | "candidates" | "unmeasured"
>;

/**
 * Events of a question whose answer is followed while it is made: `accepted`; `passages`, unless the question fails
 * before; `token`s, and `restart` where the LLM begins anew; then `answer` or `abstained`. An error is thrown.
 */
export type AskEvent =
  | { event: "accepted"; data: { id: string } }
  | { event: "passages"; data: FoundPassages }
  /** Text that the LLM has added. It is not checked yet: the answer may differ. */
  | { event: "token"; data: { text: string } }
  /** A new attempt of the LLM: all tokens before are void. */
  | { event: "restart"; data: { attempt: number } }
  /** The result as the workflow recorded it. */
  | { event: "answer"; data: IdentifiedAnswer }
  | { event: "abstained"; data: IdentifiedAnswer };
