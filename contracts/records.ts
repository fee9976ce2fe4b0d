import type { IdentifiedAnswer } from "./askEvents.ts";
import type { AnswerKind } from "./names.ts";

/** What is kept of one finished question, beyond Temporal's retention. */
export interface AnswerRecord extends IdentifiedAnswer {
  /** ISO time at which the question reached the pool that answered it. */
  at: string;
  /** Text of the question; null unless `WINNOW_KEEP_QUESTIONS` was set. */
  question: string | null;
  /** SHA-256, in hex, of the question in lower case with single spaces: equal for repeats. */
  questionDigest: string;
}

export interface RecordFilter {
  corpus?: string;
  kinds?: readonly AnswerKind[];
  /** ISO time: only later records. */
  since?: string;
  /** Most records to return; default 500. */
  limit?: number;
}

/** Records of answers, newest first. */
export interface ListedAnswers {
  answers: AnswerRecord[];
  /** Records that cannot be read: damaged, or encrypted with a key that is not set here. */
  hidden: number;
  /** True if older ones were left out, by `limit` or because 5,000 records were read. */
  more: boolean;
}
