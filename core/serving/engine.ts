import type { AskResult } from "../../contracts/ask.ts";
import {
  type Passage,
  type RankedPassage,
  type Ranking,
  SERVING_DEPTH,
  type SearchResult,
} from "../../contracts/passage.ts";
import type { Asked } from "../answering/asked.ts";
import { answerBy, MODES, type ModeName } from "../answering/modes/index.ts";
import { bestRelevance } from "../answering/receipt.ts";
import { statesFor } from "../answering/stated.ts";
import { readCalibrations } from "../artifacts/evaluation.ts";
import { WinnowError } from "../base/errors.ts";
import type { WorkContext } from "../base/progress.ts";
import { windowInput, withoutWindows } from "../docs/windows.ts";
import { type Calibration, type Calibrations, relevanceOf } from "../judging/calibration.ts";
import { decisionOf } from "../judging/limits.ts";
import type { Reranker } from "../models/crossEncoder.ts";
import type { Embedder } from "../models/embedder.ts";
import { openStates } from "../models/late/openStates.ts";
import type { PassageBook } from "../retrieval/corpora/corpus.ts";
import { type Candidate, openRetriever, type Retriever } from "../retrieval/retriever.ts";
import { noReranker, type RerankedLines, scoreLines } from "./lineScores.ts";
import { type Ranked, type RankedQuestion, withoutTexts } from "./ranked.ts";
import { SentenceVectors } from "./sentenceVectors.ts";

export interface EngineOptions {
  /** Id of the release that these folders form; stamped on every result. */
  release: string;
  ranking: Ranking;
  /** False for a release that serves before it is measured; stamped on every result. Default: true. */
  measured?: boolean;
  ingestDir: string;
  embedDirs: string[];
  buildIndexDir: string;
  /** Model folder of the embedder. */
  embedderDir: string;
  /** Model folder of the reranker; opened on use if the ranking is `retrieval`. */
  rerankerDir: string | null;
  /** Artifact with the serving calibrations. */
  evaluateDir: string;
}

interface Parts extends Pick<EngineOptions, "release" | "ranking" | "measured"> {
  retriever: Pick<Retriever, "passage" | "page" | "lookUp" | "stating" | "retrieve" | "scaled" | "close">;
  embedder: Pick<Embedder, "dim" | "embed" | "close">;
  /** `null` if the ranking is `retrieval`. */
  reranker: LoadedReranker | null;
  /** Opens the reranker of a release that serves without it; absent if the release has none. */
  openReranker?: () => Promise<LoadedReranker>;
  calibrations: Calibrations;
}

type LoadedReranker = Pick<Reranker, "score" | "extent" | "close">;

/** Options for answering one question. */
export interface QuestionOptions {
  corpus: string;
  /** Number of candidates to retrieve and rerank. */
  k: number;
  /** Maximum number of passages behind the answer. */
  passages: number;
  mode: ModeName;
  /** Why the model gave no answer, for the mode `degraded`. */
  failure?: string;
}

/** The answer, or the candidates for a mode that needs a model. */
export type Served = {
  /** Duration of each step in seconds. */
  seconds: Record<string, number>;
} & ({ answer: AskResult } | { answer: null; ranked: Ranked });

/** One release, ready to search and answer. It is immutable: another release is another engine. */
export class Engine {
  private readonly calibration: Calibration;
  private readonly sentences: SentenceVectors;
  private opened: Promise<LoadedReranker> | null = null;

  constructor(private readonly parts: Parts) {
    const { ranking, reranker, calibrations, release } = parts;
    const calibration = ranking === "reranked" ? calibrations.reranked : calibrations.retrieval;
    if (calibration === null || (ranking === "reranked" && reranker === null)) {
      const missing = calibration === null ? "calibration" : "reranker";
      throw new WinnowError("CorruptArtifact", `release ${release} serves reranked passages, but has no ${missing}`);
    }
    this.calibration = calibration;
    this.sentences = new SentenceVectors(parts.embedder);
  }

  /**
   * The `k` best passages in served order, with every score. `k` only sets how many are returned. The first
   * `SERVING_DEPTH` are always reranked and judged; deeper ones follow in retrieval order, without a logit.
   */
  async search(question: string, k = SERVING_DEPTH): Promise<SearchResult> {
    const found = await this.parts.retriever.retrieve(question, Math.max(k, SERVING_DEPTH));
    const served = await this.serve(question, found.slice(0, SERVING_DEPTH));
    const deeper = found.slice(SERVING_DEPTH).map((candidate) => this.asRetrieved(candidate));
    return { ...served, passages: [...served.passages, ...deeper].slice(0, k) };
  }

  /** A passage of the release's docs; null if there is none with this id. */
  async passage(id: string): Promise<Passage | null> {
    const found = await this.parts.retriever.passage(id);
    return found && withoutWindows(found);
  }

  /** All passages of the page that a passage belongs to, in order; null if there is none with this id. */
  async page(id: string): Promise<Passage[] | null> {
    const found = await this.parts.retriever.page(id);
    return found?.map(withoutWindows) ?? null;
  }

  /**
   * Scores any texts against a question by the release's reranker, which need not be the one that serves. Throws
   * BadInput for a release without a reranker.
   */
  async rerank(question: string, texts: readonly string[]): Promise<RerankedLines> {
    const { reranker, openReranker, calibrations, release } = this.parts;
    if (reranker === null && openReranker === undefined) throw noReranker(release);
    const loaded = reranker ?? (await (this.opened ??= openReranker!()));
    return scoreLines(loaded, calibrations.logit, question, texts);
  }

  /** Retrieves and reranks, then abstains, or answers by a mode that needs no model. */
  async answer(question: string, { corpus, k, passages, mode, failure }: QuestionOptions): Promise<Served> {
    const { seconds, lap } = stopwatch();
    const candidates = await this.parts.retriever.retrieve(question, k);
    lap("retrieve");
    const search = await this.serve(question, candidates);
    lap("rerank");
    const { needsModel, step } = MODES[mode];
    if (needsModel && !search.abstain) return { seconds, answer: null, ranked: withoutTexts(search) };
    const similarities = (text: string, sentences: string[]) => this.similarities(text, sentences);
    const asked = await this.withStates({ question, corpus, passages, search });
    const answer = await answerBy(mode, asked, { similarities, llm: null, failure: failure ?? null });
    lap(search.abstain ? "abstain" : step);
    return { seconds, answer };
  }

  /** The question with the texts of its candidates. Throws `BadInput` for a candidate of another release. */
  async asked({ ranked, ...question }: RankedQuestion): Promise<Asked> {
    const ids = ranked.passages.map(({ id }) => id);
    const book = await this.parts.retriever.lookUp({ ids });
    const passages = ranked.passages.map((candidate) => ({ ...candidate, text: this.textOf(candidate.id, book) }));
    return this.withStates({ ...question, search: { ...ranked, passages } });
  }

  /** Cosine of the question to each sentence, in order, on the scale of the candidates'. */
  async similarities(question: string, sentences: string[]): Promise<number[]> {
    const cosines = await this.sentences.cosines(question, sentences);
    return cosines.map((cosine) => this.parts.retriever.scaled(cosine));
  }

  /** Logits, calibrated relevance and the served order. A release that serves by retrieval keeps its order. */
  private async serve(question: string, candidates: Candidate[]): Promise<SearchResult> {
    const { release, ranking, reranker, measured = true } = this.parts;
    const { threshold, limits } = this.calibration;
    const passages =
      reranker === null || candidates.length === 0
        ? candidates.map((candidate) => this.asRetrieved(candidate))
        : await this.rerankCandidates(question, candidates, reranker);
    const decision = decisionOf(limits, bestRelevance(passages));
    const decided = { abstain: passages.length === 0 || decision === "refuse", unsure: decision === "unsure" };
    const unmeasured = measured ? {} : { unmeasured: true as const };
    return { release, ranking, passages, threshold, limits, ...decided, ...unmeasured };
  }

  private async rerankCandidates(
    question: string,
    candidates: Candidate[],
    reranker: Pick<Reranker, "score">,
  ): Promise<RankedPassage[]> {
    const logits = await reranker.score(
      question,
      candidates.map(({ passage, window }) => windowInput(passage, window)),
    );
    const scored = candidates.map((candidate, at) => rankedBy(this.calibration, candidate, logits[at]!));
    return inServedOrder(scored, this.calibration.logitWeight ?? 0);
  }

  /** Relevance from cosine and BM25 alone. */
  private asRetrieved(candidate: Candidate): RankedPassage {
    return rankedBy(this.parts.calibrations.retrieval, candidate, null);
  }

  /** Adds the passages that state the version or stage that the question asks about. */
  private async withStates(asked: Omit<Asked, "states">): Promise<Asked> {
    const { question, search, passages } = asked;
    const drawnOn = search.passages.slice(0, passages);
    return { ...asked, states: await statesFor(question, drawnOn, this.parts.retriever.stating) };
  }

  private textOf(id: string, book: PassageBook): string {
    const position = book.withId(id);
    if (position === undefined) throw new WinnowError("BadInput", `release ${this.parts.release} has no passage ${id}`);
    return book.at(position).text;
  }

  async close(): Promise<void> {
    const { retriever, embedder, reranker } = this.parts;
    retriever.close();
    const opened = await this.opened?.catch(() => null);
    await Promise.all([embedder.close(), reranker?.close(), opened?.close()]);
  }
}

/**
 * Opens a release's artifacts. Throws `CorruptArtifact` or `BadModel` naming the mismatch. Loads native libraries, so
 * run it in a child process.
 */
export async function openEngine(options: EngineOptions, context: WorkContext): Promise<Engine> {
  const { compute } = context;
  const { release, ranking, measured, rerankerDir } = options;
  const { openEmbedder } = await import("../models/families/index.ts");
  const { openCrossEncoder } = await import("../models/crossEncoder.ts");
  const states = openStates(context);
  const calibrations = await readCalibrations(options.evaluateDir);
  const embedder = await openEmbedder(options.embedderDir, compute);
  const retriever = await openRetriever({ ...options, embedder, vectors: compute.vectors });
  const openReranker =
    rerankerDir === null
      ? undefined
      : () => openCrossEncoder(rerankerDir, { ...compute, states, precision: calibrations.precision });
  const reranker = ranking === "reranked" && openReranker ? await openReranker() : null;
  return new Engine({ release, ranking, measured, retriever, embedder, reranker, openReranker, calibrations });
}

function rankedBy(calibration: Calibration, candidate: Candidate, logit: number | null): RankedPassage {
  const { passage, window, bm25, bm25Share, cosine, fused, rank } = candidate;
  const relevance = relevanceOf(calibration, { logit, cosine, bm25Share });
  const scores = { bm25, cosine, fused, logit, relevance };
  return { ...withoutWindows(passage), window, scores, rank: { retrieval: rank, served: rank } };
}

/** Sorts by fused score and logit; ties stay in retrieval order. */
function inServedOrder(passages: RankedPassage[], logitWeight: number): RankedPassage[] {
  const score = ({ scores }: RankedPassage) => scores.fused + logitWeight * (scores.logit ?? 0);
  return [...passages]
    .sort((a, b) => score(b) - score(a) || a.rank.retrieval - b.rank.retrieval)
    .map((passage, at) => ({ ...passage, rank: { ...passage.rank, served: at + 1 } }));
}

/** Seconds between laps, by name. */
function stopwatch() {
  const seconds: Record<string, number> = {};
  let last = performance.now();
  const lap = (name: string) => {
    const now = performance.now();
    seconds[name] = (now - last) / 1000;
    last = now;
  };
  return { seconds, lap };
}
