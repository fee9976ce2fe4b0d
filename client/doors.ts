import type { AskResult } from "../contracts/ask.ts";
import type { AskEvent, IdentifiedAnswer } from "../contracts/askEvents.ts";
import type { SearchResult } from "../contracts/passage.ts";
import type { ReleaseSummary } from "../contracts/release.ts";
import type { ServingRelease } from "../contracts/serving.ts";
import type { Release } from "../core/storage/releases.ts";
import type { FoundPage, FoundPassage, RerankedBy } from "./lookups.ts";
import type { ReleaseChoice } from "./openRelease.ts";

/** A release, and the signal of a caller who may leave. */
export interface Choice extends ReleaseChoice {
  signal?: AbortSignal;
}

/** Options of a question. */
export interface QuestionChoice extends Choice {
  /** Candidates to retrieve and rerank: 1 to 30, default 30. */
  k?: number;
  /** Most passages that the answer may use: 1 to 10, default 4. */
  passages?: number;
}

/**
 * What servers offer to their callers. Every function throws the named errors of its client function; an aborted
 * `signal` stops the work and throws Cancelled.
 */
export interface Doors {
  /** Answers by the workflow `ask`, and cancels it when `signal` aborts. Throws BadInput, UnknownRelease, Busy. */
  ask(question: string, choice?: QuestionChoice): Promise<IdentifiedAnswer>;
  /** The same as events while the answer is made. Ending the iteration early cancels the workflow. */
  follow(question: string, choice?: QuestionChoice): AsyncGenerator<AskEvent>;
  /** The passages that an answer would use, quoted without LLM and Temporal, and flagged `degraded`; or a refusal. */
  degraded(question: string, choice: QuestionChoice & { why: string }): Promise<AskResult>;
  /** Result of an earlier question; "running" for one without a result yet, null for an unknown id. */
  stored(id: string): Promise<IdentifiedAnswer | "running" | null>;
  /** Passages for a question, ranked as they serve. */
  search(question: string, choice?: Choice & { k?: number }): Promise<SearchResult>;
  /** One passage by its id; null if the release has none of this id. */
  passage(id: string, choice?: Choice): Promise<FoundPassage | null>;
  /** All passages of the page that holds a passage; null if the release has none of this id. */
  page(id: string, choice?: Choice): Promise<FoundPage | null>;
  /** Scores of given passages for a question, best first. Empty ones have no score. */
  rerank(question: string, texts: readonly string[], choice?: Choice): Promise<RerankedBy>;
  /** The release that a call with this choice would use now. Throws UnknownRelease. */
  release(choice?: ReleaseChoice): Promise<Release>;
  /** All releases, newest first. */
  releases(): Promise<ReleaseSummary[]>;
  /** The releases that serve, one a corpus, with their docs and measured quality. */
  serving(): Promise<ServingRelease[]>;
  /** A reply of the LLM that this process was configured with, without any docs; absent if there is none. */
  complete?(prompt: string, signal?: AbortSignal): Promise<string>;
  /** Why questions cannot be answered now, in words for anybody; null if they can. */
  unready(): Promise<string | null>;
}
