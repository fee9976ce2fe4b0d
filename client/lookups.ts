import { type AskResult, USED_PASSAGES } from "../contracts/ask.ts";
import { MAX_QUESTION, QUESTION_TOO_LONG } from "../contracts/names.ts";
import { type Passage, SERVING_DEPTH, type SearchResult } from "../contracts/passage.ts";
import { WinnowError } from "../core/base/errors.ts";
import { unlessAborted } from "../core/base/unlessAborted.ts";
import { createEnginePool, type EngineService } from "../core/serving/enginePool.ts";
import { createTurns } from "../core/serving/turns.ts";
import { lastChampions } from "../core/storage/lastChampion.ts";
import { chosenRelease, releaseFolders } from "../core/storage/releaseFolders.ts";
import type { Release } from "../core/storage/releases.ts";
import type { ReleaseChoice } from "./openRelease.ts";
import { inSlices, type Reranked, withoutEmpty } from "./rerank.ts";
import { openEngine } from "./search.ts";
import type { Computing, Places } from "./settings.ts";
import { storageOf } from "./storageOf.ts";

/** Concurrent turns at the engines: one computes while another reads or waits for its release. */
const TURNS_AT_ONCE = 2;
/** A hung engine is replaced after this time. */
const ANSWER_WITHIN_MS = 60_000;
const MINUTE_MS = 60_000;

export interface LookupLimits {
  /** Releases that stay loaded at once. */
  engines?: number;
  /** Calls that may wait for their turn; one more is refused. */
  waiting?: number;
  /** Milliseconds after which an unused release is unloaded. */
  idleMs?: number;
}

export interface LookupChoice extends ReleaseChoice {
  /** Ends the call with Cancelled. Computing stops within about a second. */
  signal?: AbortSignal;
}

/** A passage with the release that it was read from. */
export interface FoundPassage {
  release: string;
  corpus: string;
  passage: Passage;
}

/** Options of a question. */
export interface QuestionChoice extends LookupChoice {
  /** Candidates to retrieve and rerank: 1 to 30, default 30. */
  k?: number;
  /** Most passages that the answer may use: 1 to 10, default 4. */
  passages?: number;
}

/** The passages of a page, in order, with the release that they were read from. */
export interface FoundPage {
  release: string;
  corpus: string;
  passages: Passage[];
}

/** Scores by a release's reranker. */
export interface RerankedBy extends Reranked {
  release: string;
  corpus: string;
}

/**
 * Search, passages and reranking for a server that stays up. Each call fixes its release at the start, so a promotion
 * takes effect between calls and never inside one.
 *
 * All calls throw UnknownRelease, CorruptArtifact, BadModel; BadInput for an empty or too long question; Busy with the
 * time to wait when too many calls wait; Cancelled when `signal` aborts; ComputeCrashed when an engine dies twice.
 */
export interface Lookups {
  /** The `k` best passages in served order, as `winnow search --json` prints them. */
  search(question: string, options?: LookupChoice & { k?: number }): Promise<SearchResult>;
  /**
   * The quoted passages that an answer would use, flagged `degraded`, as the workflow `ask` gives them; or a refusal.
   *
   * @param options `why` the model gave no answer: `it did not answer within 55 s`
   */
  degraded(question: string, options: QuestionChoice & { why: string }): Promise<AskResult>;
  /** A passage by its id; null if the release has none with this id. */
  passage(id: string, options?: LookupChoice): Promise<FoundPassage | null>;
  /** All passages of the page that holds the passage with this id; null if the release has none with it. */
  page(id: string, options?: LookupChoice): Promise<FoundPage | null>;
  /**
   * Logit and P(relevant) of each text that is not empty, best first. Throws BadInput for a release without a reranker.
   */
  rerank(question: string, texts: readonly string[], options?: LookupChoice): Promise<RerankedBy>;
  /** The release that a call with this choice would use now. */
  release(choice?: ReleaseChoice): Promise<Release>;
  /** Ends the compute processes; calls in progress fail with Cancelled. */
  close(): Promise<void>;
}

/**
 * Opens lookups in compute processes of this process; needs no Temporal and no LLM. A release is loaded by the first
 * call that needs it.
 *
 * @example
 * const lookups = await openLookups(config);
 * const { passages, abstain } = await lookups.search("pod stuck in Pending", { corpus: "k8s", k: 10 });
 * await lookups.close();
 */
export async function openLookups(
  config: Places & Computing,
  { engines: limit = 2, waiting = 32, idleMs = 10 * MINUTE_MS }: LookupLimits = {},
): Promise<Lookups> {
  const { store, releases } = await storageOf(config);
  const serving = { ...releases, ...lastChampions(releases) };
  let closed = false;
  const open = async (release: Release) => {
    if (closed) throw new WinnowError("Cancelled", "The server is closing");
    return openEngine(config, { release, folders: await releaseFolders(store, release) }, ANSWER_WITHIN_MS);
  };
  const engines = createEnginePool(open, limit, idleMs);
  const turns = createTurns({ atOnce: TURNS_AT_ONCE, waiting });

  /** One visit to the engine of the chosen release, and a second one if its process dies. */
  const visit = async <T>(
    { signal, ...choice }: LookupChoice,
    work: (engine: EngineService, release: Release) => Promise<T>,
  ): Promise<T> => {
    const release = await unlessAborted(chosenRelease(serving, choice), signal);
    const once = () => engines.use(release, (engine) => unlessAborted(work(engine, release), signal), signal);
    return turns.take(() => once().catch((error) => (hasDied(error) ? once() : Promise.reject(error))), signal);
  };
  return {
    async search(question, { k = SERVING_DEPTH, ...choice } = {}) {
      const asked = checkedQuestion(question);
      return visit(choice, (engine) => engine.request("search", asked, k));
    },
    async degraded(question, { why: failure, k = SERVING_DEPTH, passages = USED_PASSAGES, ...choice }) {
      const asked = checkedQuestion(question);
      return visit(choice, async (engine, { manifest: { corpus } }) => {
        const { answer } = await engine.request("answer", asked, { corpus, k, passages, mode: "degraded", failure });
        // Only a mode that needs a model leaves the answer to others.
        return answer!;
      });
    },
    passage: (id, choice = {}) =>
      visit(choice, async (engine, { id: release, manifest }) => {
        const passage = await engine.request("passage", id);
        return passage && { release, corpus: manifest.corpus, passage };
      }),
    page: (id, choice = {}) =>
      visit(choice, async (engine, { id: release, manifest }) => {
        const passages = await engine.request("page", id);
        return passages && { release, corpus: manifest.corpus, passages };
      }),
    async rerank(question, texts, choice = {}) {
      const asked = checkedQuestion(question);
      const given = withoutEmpty(texts);
      return visit(choice, async (engine, { id, manifest }) => {
        const scored = await inSlices(given, (some) => engine.request("rerank", asked, some), choice.signal);
        return { model: `release ${id}`, release: id, corpus: manifest.corpus, ...scored };
      });
    },
    release: (choice = {}) => chosenRelease(serving, choice),
    async close() {
      closed = true;
      await engines.close();
    },
  };
}

/** The question without surrounding space. Throws BadInput for one that is empty or too long. */
export function checkedQuestion(question: string): string {
  const asked = question.trim();
  if (asked === "") throw new WinnowError("BadInput", "The question is empty.");
  if (asked.length > MAX_QUESTION) throw new WinnowError("BadInput", QUESTION_TOO_LONG);
  return asked;
}

function hasDied(error: unknown): boolean {
  return error instanceof WinnowError && error.code === "ComputeCrashed";
}
