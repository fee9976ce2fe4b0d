import type { AskResult } from "../../contracts/ask.ts";
import type { AnswerRecord } from "../../contracts/records.ts";
import { endsWithin } from "../base/endsWithin.ts";
import { messageOf } from "../base/errors.ts";
import { passagesInstead } from "../llm/passagesInstead.ts";
import { type AnswerRecords, questionDigest } from "./answers.ts";

/** A finished question. */
export interface FinishedQuestion {
  /** Workflow id. */
  id: string;
  /** ISO time, the same for all attempts. */
  at: string;
  question: string;
  result: AskResult;
}

/** Keeps records of answers without ever failing or much delaying one. */
export interface AnswerKeeper {
  /**
   * Resolves when the record is written, or after 100 ms: the writing then goes on. A failure is passed to `onProblem`.
   */
  keep(finished: FinishedQuestion, onProblem: (reason: string) => void): Promise<void>;
  /** Waits a few seconds for records that are being written. */
  close(): Promise<void>;
}

/** Longest delay of an answer. A local disk takes about 5 ms. */
const DELAY_MS = 100;
const CLOSE_MS = 5000;
/** Records that may wait for a store that is down. */
const MOST_PENDING = 256;

/** Text in the place of an LLM's answer, which may repeat the question. */
export const WITHHELD = "The text of this answer was not kept. Its sources and its receipt were.";

/**
 * @param texts keeps the question's text, and the text that an LLM wrote. Without it an answer of quotations is kept
 *   whole, since it repeats nothing of the question.
 */
export function answerKeeper(answers: AnswerRecords, { texts }: { texts: boolean }): AnswerKeeper {
  const pending = new Set<Promise<void>>();
  // While the store is down or slow, answers do not wait for it.
  let prompt = true;
  return {
    async keep(finished, onProblem) {
      if (pending.size >= MOST_PENDING) return onProblem(`${MOST_PENDING} records wait to be written already`);
      const writing = answers.write(recordOf(finished, texts)).then(
        () => {
          prompt = true;
        },
        (error) => {
          prompt = false;
          onProblem(messageOf(error));
        },
      );
      pending.add(writing);
      void writing.finally(() => pending.delete(writing));
      if (prompt && !(await endsWithin(writing, DELAY_MS))) prompt = false;
    },
    async close() {
      await endsWithin(Promise.all(pending), CLOSE_MS);
    },
  };
}

/** The record of an answer, with or without the texts that tell the question. */
export function recordOf({ id, at, question, result }: FinishedQuestion, texts: boolean): AnswerRecord {
  return {
    id,
    ...result,
    ...(texts ? {} : withoutTexts(result)),
    ...{ at, question: texts ? question : null, questionDigest: questionDigest(question) },
  };
}

/** Replacements for what an LLM or its endpoint wrote: the message of a failure may repeat the question too. */
function withoutTexts({ kind, citations, receipt }: AskResult): Partial<AnswerRecord> {
  if (kind === "llm") return { answer: WITHHELD, unsupported: [], withheld: true };
  if (kind === "degraded")
    return { answer: passagesInstead("its failure was not kept", receipt.why !== null, citations) };
  return {};
}
