import type { AskEvent, IdentifiedAnswer } from "../contracts/askEvents.ts";
import type { ReviewedVote, Vote, VoteInput } from "../contracts/feedback.ts";
import type { ListedAnswers, RecordFilter } from "../contracts/records.ts";
import type { ReleaseSummary } from "../contracts/release.ts";
import type { ServingRelease } from "../contracts/serving.ts";
import type { Desk } from "./desk.ts";
import type { Lookups, QuestionChoice } from "./lookups.ts";

/**
 * What servers offer to their callers. Every function throws the named errors of its client function; an aborted
 * `signal` stops the work and throws Cancelled.
 */
export interface Doors extends Omit<Lookups, "close"> {
  /** Answers by the workflow `ask`, and cancels it when `signal` aborts. Throws BadInput, UnknownRelease, Busy. */
  ask(question: string, choice?: QuestionChoice): Promise<IdentifiedAnswer>;
  /** The same as events while the answer is made. Ending the iteration early cancels the workflow. */
  follow(question: string, choice?: QuestionChoice): AsyncGenerator<AskEvent>;
  /**
   * Result of an earlier question, from Temporal or from its record; "running" for one without a result yet, null for an
   * unknown id.
   */
  stored(id: string): Promise<IdentifiedAnswer | "running" | null>;
  /** Text of an earlier question; null where neither its record nor Temporal has it. */
  question(id: string): Promise<string | null>;
  /** Records of finished questions, newest first; without the demonstrations of `npm start`. */
  records(filter?: RecordFilter): Promise<ListedAnswers>;
  /**
   * Records a vote on an answer or on one of its candidates, which nothing uses until a person accepts it. Throws
   * UnknownAnswer, and BadInput for a passage that is no candidate or for too long a comment.
   */
  feedback(vote: VoteInput): Promise<Vote>;
  /** Votes on an answer with what became of them, oldest first. */
  votes(answer: string): Promise<ReviewedVote[]>;
  /** All releases, newest first. */
  releases(): Promise<ReleaseSummary[]>;
  /** The releases that serve, one a corpus, with their docs and measured quality. */
  serving(): Promise<ServingRelease[]>;
  /** What the people who look after releases see and do. */
  desk: Desk;
  /** A reply of the LLM that this process was configured with, without any docs; absent if there is none. */
  complete?(prompt: string, signal?: AbortSignal): Promise<string>;
  /** Why questions cannot be answered now, in words for anybody; null if they can. */
  unready(): Promise<string | null>;
}
