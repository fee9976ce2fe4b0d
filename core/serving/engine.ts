import {
  type Passage,
  type RankedPassage,
  type Ranking,
  SERVING_DEPTH,
  type SearchResult,
} from "../../contracts/passage.ts";
import { statesFor, statingPassages } from "../answering/stated.ts";
import { readCalibrations } from "../artifacts/evaluation.ts";
import { WinnowError } from "../base/errors.ts";
import type { WorkContext } from "../base/progress.ts";
import { type StoredPassage, windowInput, withoutWindows } from "../docs/windows.ts";
import { type Calibration, type Calibrations, relevanceOf } from "../judging/calibration.ts";
import type { Reranker } from "../models/crossEncoder.ts";
import type { Embedder } from "../models/embedder.ts";
import { bm25Share } from "../retrieval/bm25.ts";
import { openRetriever, type Retriever } from "../retrieval/retriever.ts";

export interface EngineOptions {
  /** Id of the release these folders make up; stamped on every result. */
  release: string;
  ranking: Ranking;
  ingestDir: string;
  embedDirs: string[];
  buildIndexDir: string;
  /** Model folder of the embedder. */
  embedderDir: string;
  /** Model folder of the reranker; not opened where the ranking is `retrieval`. */
  rerankerDir: string | null;
  /** Evaluate artifact, whose calibrations serve. */
  evaluateDir: string;
}

interface Parts extends Pick<EngineOptions, "release" | "ranking"> {
  retriever: Pick<Retriever, "passages" | "retrieve" | "bestBm25" | "close">;
  embedder: Pick<Embedder, "dim" | "embed" | "close">;
  /** `null` where the ranking is `retrieval`. */
  reranker: Pick<Reranker, "score" | "close"> | null;
  calibrations: Calibrations;
}

/** A candidate without its text, as it crosses Temporal: the engine knows the text by the id. */
export type Candidate = Omit<RankedPassage, "text">;

/**
 * One release, ready to search. It never changes: another release is another engine. `search` does both steps at once;
 * `retrieve` and `rerank` are the same in two.
 */
export class Engine {
  private readonly calibration: Calibration;
  private readonly stored: Map<string, StoredPassage>;
  private readonly stating: Map<string, Passage[]>;

  constructor(private readonly parts: Parts) {
    const { ranking, reranker, calibrations, release } = parts;
    const calibration = ranking === "reranked" ? calibrations.reranked : calibrations.retrieval;
    if (calibration === null || (ranking === "reranked" && reranker === null)) {
      const missing = calibration === null ? "calibration" : "reranker";
      throw new WinnowError("CorruptArtifact", `release ${release} serves reranked passages, but has no ${missing}`);
    }
    this.calibration = calibration;
    this.stored = new Map(parts.retriever.passages.map((passage) => [passage.id, passage]));
    this.stating = statingPassages(parts.retriever.passages);
  }

  /** Smallest relevance that is served. */
  get threshold(): number {
    return this.calibration.threshold;
  }

  /**
   * The `k` best passages in the order served, with every score. `k` decides only how many are shown: as many as ever are
   * reranked and judged, and what lies deeper follows as it was retrieved, without a logit.
   */
  async search(question: string, k = SERVING_DEPTH): Promise<SearchResult> {
    const found = await this.retrieve(question, Math.max(k, SERVING_DEPTH));
    const served = this.result(await this.rerank(question, found.slice(0, SERVING_DEPTH)));
    return { ...served, passages: [...served.passages, ...found.slice(SERVING_DEPTH)].slice(0, k) };
  }

  /** First step: candidates in order of fusion, without logit; relevance is from cosine and BM25 alone. */
  async retrieve(question: string, k = SERVING_DEPTH): Promise<RankedPassage[]> {
    const candidates = await this.parts.retriever.retrieve(question, k);
    return candidates.map(({ passage, window, bm25, bm25Share, cosine, fused, rank }) => {
      const relevance = relevanceOf(this.parts.calibrations.retrieval, { logit: null, cosine, bm25Share });
      const scores = { bm25, cosine, fused, logit: null, relevance };
      return { ...withoutWindows(passage), window, scores, rank: { retrieval: rank, served: rank } };
    });
  }

  /**
   * Second step: logits, calibrated relevance, and the order served. A release that serves by retrieval gives
   * the passages back as they are.
   */
  async rerank(question: string, passages: RankedPassage[]): Promise<RankedPassage[]> {
    const { ranking, reranker, retriever } = this.parts;
    if (ranking === "retrieval" || reranker === null || passages.length === 0) return passages;
    const inputs = passages.map(({ id, window }) => windowInput(this.storedAs(id), window));
    const logits = await reranker.score(question, inputs);
    const best = retriever.bestBm25(question);
    const scored = passages.map((passage, at) => {
      const logit = logits[at]!;
      const { bm25, cosine } = passage.scores;
      const relevance = relevanceOf(this.calibration, { logit, cosine, bm25Share: bm25Share(bm25, best) });
      return { ...passage, scores: { ...passage.scores, logit, relevance } };
    });
    return inServedOrder(scored, this.calibration.logitWeight ?? 0);
  }

  /** What a search gives for passages in the order served. */
  result(passages: RankedPassage[]): SearchResult {
    const { release, ranking } = this.parts;
    const abstain = !passages.some((passage) => passage.scores.relevance >= this.threshold);
    return { release, ranking, passages, threshold: this.threshold, abstain };
  }

  /** The candidates with their texts. Throws `BadInput` for one that is not of this release. */
  withTexts(candidates: Candidate[]): RankedPassage[] {
    return candidates.map((candidate) => ({ ...candidate, text: this.storedAs(candidate.id).text }));
  }

  /** Passages that state the version or stage the question asks about, for the passages an answer draws on. */
  async states(question: string, drawnOn: Passage[]): Promise<Passage[]> {
    return statesFor(question, drawnOn, this.stating);
  }

  /** Cosine of the question to each sentence, in order. */
  async similarities(question: string, sentences: string[]): Promise<number[]> {
    const { dim } = this.parts.embedder;
    const vectors = await this.parts.embedder.embed({ questions: [question], passages: sentences });
    return sentences.map((_, at) => {
      let dot = 0;
      for (let i = 0; i < dim; i++) dot += vectors[i]! * vectors[(at + 1) * dim + i]!;
      return dot;
    });
  }

  private storedAs(id: string): StoredPassage {
    const passage = this.stored.get(id);
    if (passage === undefined) throw new WinnowError("BadInput", `release ${this.parts.release} has no passage ${id}`);
    return passage;
  }

  async close(): Promise<void> {
    const { retriever, embedder, reranker } = this.parts;
    retriever.close();
    await Promise.all([embedder.close(), reranker?.close()]);
  }
}

/**
 * Opens a release's artifacts. Throws `CorruptArtifact` or `BadModel` naming what does not fit. Loads native libraries:
 * run it in a child process.
 */
export async function openEngine(options: EngineOptions, { compute }: WorkContext): Promise<Engine> {
  const { release, ranking, rerankerDir } = options;
  const { openEmbedder } = await import("../models/families/index.ts");
  const { openCrossEncoder } = await import("../models/crossEncoder.ts");
  const calibrations = await readCalibrations(options.evaluateDir);
  const embedder = await openEmbedder(options.embedderDir, compute);
  const retriever = await openRetriever({ ...options, embedder, vectors: compute.vectors });
  const reranked = ranking === "reranked" && rerankerDir !== null;
  const reranker = reranked
    ? await openCrossEncoder(rerankerDir, { ...compute, precision: calibrations.precision })
    : null;
  return new Engine({ release, ranking, retriever, embedder, reranker, calibrations });
}

/** By fused score and logit, equal ones as retrieved. */
function inServedOrder(passages: RankedPassage[], logitWeight: number): RankedPassage[] {
  const score = ({ scores }: RankedPassage) => scores.fused + logitWeight * (scores.logit ?? 0);
  return [...passages]
    .sort((a, b) => score(b) - score(a) || a.rank.retrieval - b.rank.retrieval)
    .map((passage, at) => ({ ...passage, rank: { ...passage.rank, served: at + 1 } }));
}
