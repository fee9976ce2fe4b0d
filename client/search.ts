import { computeOptions } from "../config/cliConfig.ts";
import type { Ranking, SearchResult } from "../contracts/passage.ts";
import { SERVING_DEPTH } from "../contracts/passage.ts";
import { WinnowError } from "../core/base/errors.ts";
import { loadQuestionSet } from "../core/judging/questionSet.ts";
import type { Service } from "../core/runtime/service.ts";
import type { Engine } from "../core/serving/engine.ts";
import { engineOptions } from "../core/serving/engineOptions.ts";
import { openService } from "../core/stages/services.ts";
import type { ReleaseFolders } from "../core/storage/releaseFolders.ts";
import type { Release } from "../core/storage/releases.ts";
import { existing, openRelease, type ReleaseChoice, type ReleaseInFolders } from "./openRelease.ts";
import type { Computing, Places } from "./settings.ts";

export interface SearchOptions extends ReleaseChoice {
  /** Number of passages to rank; default: as in the workflow `ask`. */
  k?: number;
}

/** A release that is loaded in a compute process and searched question by question. */
export interface Searcher {
  release: string;
  ranking: Ranking;
  search(question: string, k?: number): Promise<SearchResult>;
  /** Ends the compute process. */
  close(): Promise<void>;
}

/**
 * Opens a release for many questions; needs no Temporal and no LLM. The caller closes it. Throws UnknownRelease,
 * CorruptArtifact, BadModel.
 *
 * @example
 * const searcher = await openSearcher(config, { corpus: "k8s" });
 * const { passages, abstain } = await searcher.search("pod stuck in Pending");
 * await searcher.close();
 */
export async function openSearcher(config: Places & Computing, choice: ReleaseChoice = {}): Promise<Searcher> {
  const opening = openRelease(config, choice);
  const engine = await openEngine(config, opening);
  return searching((await opening).release, engine);
}

/** A searcher for a release whose folders are known. */
export async function searcherOf(config: Computing, release: Release, folders: ReleaseFolders): Promise<Searcher> {
  return searching(release, await openEngine(config, { release, folders }));
}

function searching(release: Release, engine: Service<Engine>): Searcher {
  return {
    release: release.id,
    ranking: release.manifest.ranking,
    search: (question, k = SERVING_DEPTH) => engine.request("search", question, k),
    close: () => engine.close(),
  };
}

/**
 * The engine of a release in a compute process, which starts while the release's artifacts are still verified.
 *
 * @param answerWithinMs a request that takes longer fails, and its process is killed; default: no limit
 */
export function openEngine(
  config: Computing,
  opening: ReleaseInFolders | Promise<ReleaseInFolders>,
  answerWithinMs?: number,
): Promise<Service<Engine>> {
  const options = Promise.resolve(opening).then(({ release, folders }) => engineOptions(release, folders));
  return openService("engine", options, { ...computeOptions(config), vectors: config.vectors, answerWithinMs });
}

/**
 * Passages for one question, ranked as they serve, with every score. Throws BadInput for an empty question,
 * UnknownRelease, CorruptArtifact, BadModel.
 *
 * @example
 * const { passages, threshold } = await search(config, "pod stuck in Pending", { k: 10 });
 */
export async function search(
  config: Places & Computing,
  question: string,
  { k, ...choice }: SearchOptions = {},
): Promise<SearchResult> {
  if (!question.trim()) throw new WinnowError("BadInput", "The question is empty.");
  const searcher = await openSearcher(config, choice);
  try {
    return await searcher.search(question, k);
  } finally {
    await searcher.close();
  }
}

/** One question of a set and its ranked passages. */
export interface SearchedQuestion {
  id: string;
  query: string;
  result: SearchResult;
}

/**
 * Searches each question of a question set, in its order. Throws BadInput for a missing file, BadQuestionSet, and what
 * `search` throws.
 */
export async function* searchQuestions(
  config: Places & Computing,
  questions: string,
  { k, ...choice }: SearchOptions = {},
): AsyncGenerator<SearchedQuestion> {
  const set = await loadQuestionSet(existing(questions, "questions"));
  const searcher = await openSearcher(config, choice);
  try {
    for (const { id, query } of set) yield { id, query, result: await searcher.search(query, k) };
  } finally {
    await searcher.close();
  }
}
