import { type AskResult, USED_PASSAGES } from "../contracts/ask.ts";
import { SERVING_DEPTH, type SearchResult } from "../contracts/passage.ts";
import type { RerankedLines } from "../core/serving/lineScores.ts";
import {
  evaluate as evaluateRelease,
  type ReleaseEvaluation,
  type EvaluateOptions as ReportOptions,
} from "./evaluate.ts";
import { checkCall } from "./libraryInput.ts";
import { type LibrarySettings, librarySettings } from "./librarySettings.ts";
import { checkedQuestion } from "./lookups.ts";
import { openRelease as foldersOf, type ReleaseChoice } from "./openRelease.ts";
import { inSlices, withoutEmpty } from "./rerank.ts";
import { openEngine } from "./search.ts";
import { type TrainOptions, type TrainProgress, train } from "./train.ts";

// What programs import as "winnow". Nothing is printed, no environment is read, and no Temporal server is needed:
// computing happens in child processes, which end with the calls that started them.

export type { AskResult, Citation, Receipt } from "../contracts/ask.ts";
export type { EvaluationSummary, LadderRow, MetricName } from "../contracts/evaluation.ts";
export type { Passage, RankedPassage, Ranking, SearchResult } from "../contracts/passage.ts";
export { type ErrorCode, WinnowError } from "../core/base/errors.ts";
export type { TaskProgress } from "../core/base/progress.ts";
export type { RerankedLines, RerankScore } from "../core/serving/lineScores.ts";
export type { ReleaseEvaluation } from "./evaluate.ts";
export type { LibrarySettings } from "./librarySettings.ts";
export type { TrainOptions, TrainProgress } from "./train.ts";

/** Names a release of a state folder. Default: the champion of the corpus that was promoted last. */
export interface ReleaseOptions extends LibrarySettings, ReleaseChoice {
  /** State folder, as `WINNOW_HOME` names it for the command. */
  home: string;
}

/** A release that is loaded in a child process. */
export interface OpenedRelease {
  id: string;
  /**
   * Passages for a question, ranked as they serve, with every score. Throws BadInput for an empty question.
   *
   * @param k number of candidates to retrieve and rerank; default: 30
   */
  search(question: string, k?: number): Promise<SearchResult>;
  /** The answer in quotations with its sources and receipt, or a refusal. Throws BadInput for an empty question. */
  answer(question: string): Promise<AskResult>;
  /**
   * Logit and P(relevant) of each passage for a question, best first, by the release's reranker; empty ones are left out.
   * Throws BadInput for a release without a reranker.
   */
  rerank(question: string, passages: readonly string[]): Promise<RerankedLines>;
  /** Ends the child process. */
  close(): Promise<void>;
}

/**
 * Opens a release; every byte of it is checked by SHA-256. The caller closes it. Throws UnknownRelease, CorruptArtifact,
 * BadModel, and BadInput for an option or a setting.
 */
export async function openRelease(options: ReleaseOptions): Promise<OpenedRelease> {
  checkCall("openRelease", options);
  const { home, release, corpus, ...given } = options;
  const settings = librarySettings(home, given);
  const opening = foldersOf(settings, { release, corpus });
  const engine = await openEngine(settings, opening);
  const { release: opened } = await opening;
  const quoting = {
    corpus: opened.manifest.corpus,
    k: SERVING_DEPTH,
    passages: USED_PASSAGES,
    mode: "quotation",
  } as const;
  return {
    id: opened.id,
    async search(question, k = SERVING_DEPTH) {
      checkCall("search", { question, k });
      return engine.request("search", checkedQuestion(question), k);
    },
    async answer(question) {
      checkCall("answer", { question });
      // Only a mode that needs a model leaves the answer to others.
      return (await engine.request("answer", checkedQuestion(question), quoting)).answer!;
    },
    async rerank(question, passages) {
      checkCall("rerank", { question, passages });
      const asked = checkedQuestion(question);
      return inSlices(withoutEmpty(passages), (some) => engine.request("rerank", asked, some));
    },
    close: () => engine.close(),
  };
}

/**
 * Fine-tunes a cross-encoder on labelled pairs: `{"query", "positive", "negatives": [...]}` a line. Writes the model to
 * `out` and checkpoints beside it; the same options continue an interrupted training. Gives the folder and the report.
 * Throws BadInput for a missing file or bad pairs, BadModel, Busy when another training uses the folder, Cancelled.
 */
export async function trainCrossEncoder(
  given: TrainOptions & TrainProgress & LibrarySettings,
): ReturnType<typeof train> {
  checkCall("trainCrossEncoder", given);
  const { settings, signal, onProgress, ...options } = given;
  return train(librarySettings(options.out, { settings }), options, { signal, onProgress });
}

export interface EvaluateOptions extends ReleaseOptions, ReportOptions {
  /** Question set: JSONL. */
  questions: string;
}

/**
 * Evaluates a release as it serves on a question set. Nothing is fitted. Scores of pairs are cached in `home`. Throws
 * BadInput for a missing file, BadQuestionSet, UnknownRelease, CorruptArtifact, Cancelled.
 */
export async function evaluate(given: EvaluateOptions): Promise<ReleaseEvaluation> {
  checkCall("evaluate", given);
  const { home, questions, settings, ...options } = given;
  return evaluateRelease(librarySettings(home, { settings }), questions, options);
}
