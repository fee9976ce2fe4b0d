import type { CorpusDirs } from "../artifacts/corpusDirs.ts";
import { readPassages } from "../artifacts/passages.ts";
import { type IndexBackend, type IndexKind, readIndexMeta } from "../artifacts/searchIndex.ts";
import { openVectors, type Vectors } from "../artifacts/vectors.ts";
import type { VectorServer } from "../base/compute.ts";
import { WinnowError } from "../base/errors.ts";
import type { StoredPassage } from "../docs/windows.ts";
import type { Embedder } from "../models/embedder.ts";
import { Bm25Index, bm25Share, topScores } from "./bm25.ts";
import { type CosineScale, cosineScale } from "./cosineScale.ts";
import type { VectorIndex } from "./engines/vectorIndex.ts";
import { expandedVector, FEEDBACK, feedbackTerms } from "./feedback.ts";
import { type Fused, reciprocalRankFusion, weightedFusion } from "./fusion.ts";
import { HeadingVectors } from "./headings.ts";
import { openVectorIndex } from "./openIndex.ts";
import { type NearestWindow, WindowVectors } from "./windowVectors.ts";

/** Candidates from each of dense and BM25 before fusion. */
export const FUSION_DEPTH = 200;
/** Reciprocal rank fusion cuts its lists here, as is usual. */
const RRF_DEPTH = 100;

/** A retrieved passage with all scores of retrieval. */
export interface Candidate {
  passage: StoredPassage;
  /** The window of the passage nearest to the question, from 0. */
  window: number;
  /** Index in `Retriever.passages`. */
  position: number;
  /** Raw BM25 score, 0 without a shared term. */
  bm25: number;
  /** BM25 as a share of the best score the question's terms allow, 0..1. */
  bm25Share: number;
  /** Cosine of the nearest window, on the reference's scale (cosineScale.ts). */
  cosine: number;
  /**
   * The score of the ranking. For `weighted`, cosine plus BM25 (`weightedFusion`). For `retrieval`, those of the
   * expanded question plus the headings' cosine. For `rrf`, its sum.
   */
  fused: number;
  /** Position in the requested ranking, from 1. */
  rank: number;
}

/**
 * `rrf` fuses ranks, the usual baseline. `weighted` adds the scores. `feedback` repeats that with feedback. `retrieval`
 * also uses the headings, and serves.
 */
export type RetrievalRanking = "bm25" | "dense" | "rrf" | "weighted" | "feedback" | "retrieval";

export interface RetrieverOptions extends CorpusDirs {
  /** Model that embedded the passages. The caller closes it. */
  embedder: Pick<Embedder, "dim" | "modelDigest" | "embed">;
  /** Vector database of the index, if it is in one. */
  vectors?: VectorServer | null;
}

interface Parts extends Pick<RetrieverOptions, "embedder"> {
  passages: StoredPassage[];
  vectors: Vectors;
  windows: WindowVectors;
  index: VectorIndex;
  bm25: Bm25Index;
  scale: CosineScale;
}

/** The first search for a question, the basis of every ranking: both lists, and the nearest window of each passage. */
export interface Found {
  question: string;
  /** Unit vector of [dim]. */
  vector: Float32Array;
  /** Indexed by position. */
  bm25Scores: ReturnType<Bm25Index["scoreAll"]>;
  lexical: number[];
  dense: Awaited<ReturnType<WindowVectors["nearestPassages"]>>;
  found: Map<number, NearestWindow>;
}

/** Retrieval over one corpus by BM25 and cosine. Results are the same with and without FAISS. */
export class Retriever {
  readonly passages: StoredPassage[];
  private readonly headings: HeadingVectors;

  constructor(private readonly parts: Parts) {
    this.passages = parts.passages;
    this.headings = new HeadingVectors(parts.embedder, parts.scale);
  }

  /** The kind and engine of the vector search. */
  get backend(): { kind: IndexKind; backend: IndexBackend } {
    return { kind: this.parts.index.kind, backend: this.parts.index.backend };
  }

  /** The `k` best in the served ranking, `retrieval`. */
  async retrieve(question: string, k: number): Promise<Candidate[]> {
    return this.retrieveWithVector(question, await this.embedQuestion(question), k);
  }

  /** As {@link Retriever.retrieve}, for an embedded question. @param vector unit vector of [dim]. */
  async retrieveWithVector(question: string, vector: Float32Array, k: number): Promise<Candidate[]> {
    return this.rankBy("retrieval", await this.find(question, vector, k), k);
  }

  /**
   * The `k` best in one ranking, each with all scores. @param first result of {@link Retriever.find} for at least `k`.
   */
  async rankBy(ranking: RetrievalRanking, first: Found, k: number): Promise<Candidate[]> {
    const { bm25, windows } = this.parts;
    const { question, vector } = first;
    const order = await this.orderOf(ranking, first);
    const best = bm25.bestPossible(question);
    return order.slice(0, k).map(({ position, fused }, at) => {
      const { cosine, window } = first.found.get(position) ?? windows.nearest(position, vector);
      const raw = first.bm25Scores[position]!;
      const scores = { bm25: raw, bm25Share: bm25Share(raw, best), cosine, fused };
      return { passage: this.passages[position]!, position, window, ...scores, rank: at + 1 };
    });
  }

  private async orderOf(ranking: RetrievalRanking, first: Found) {
    const { vector, lexical, dense } = first;
    if (ranking === "rrf") return reciprocalRankFusion([dense, lexical].map((list) => list.slice(0, RRF_DEPTH)));
    const weighted = this.fuse(first);
    if (ranking === "bm25") return inOrderOf(lexical, weighted);
    if (ranking === "dense") return inOrderOf(dense, weighted);
    if (ranking === "weighted") return weighted;
    const searched = await this.withFeedback(first, weighted);
    if (ranking === "feedback") return searched;
    return this.headings.reorder(searched, vector, (position) => this.passages[position]!.heading);
  }

  private fuse({ found, bm25Scores }: Pick<Found, "found" | "bm25Scores">): Fused[] {
    const score = (position: number) => ({ cosine: found.get(position)!.cosine, bm25: bm25Scores[position]! });
    return weightedFusion(found.keys(), score, this.parts.bm25.count);
  }

  /** Searches again with the question expanded by the best passages of the first search. */
  private async withFeedback(first: Found, weighted: Fused[]) {
    const { question, vector } = first;
    const { bm25, windows } = this.parts;
    const told = weighted.slice(0, FEEDBACK.passages).map(({ position, fused }) => ({
      score: fused,
      text: `${this.passages[position]!.heading.join("\n")}\n${this.passages[position]!.text}`,
      vector: windows.vectorOf(position, first.found.get(position)!.window),
    }));
    const expanded = expandedVector(vector, told);
    const bm25Scores = first.bm25Scores.slice();
    for (const { term, weight } of feedbackTerms(question, told, bm25)) bm25.addTerm(bm25Scores, term, weight);
    const depth = Math.max(first.dense.length, first.lexical.length);
    const dense = await windows.nearestPassages(this.parts.index, expanded, depth);
    const positions = new Set([...first.found.keys(), ...dense, ...topScores(bm25Scores, depth).positions]);
    const found = new Map(Array.from(positions, (position) => [position, windows.nearest(position, expanded)]));
    return this.fuse({ found, bm25Scores });
  }

  /** Searches both lists deep enough for the `k` best of any ranking. @param vector unit vector of [dim]. */
  async find(question: string, vector: Float32Array, k: number): Promise<Found> {
    const depth = Math.max(FUSION_DEPTH, k);
    const { bm25, windows, index } = this.parts;
    const bm25Scores = bm25.scoreAll(question);
    const lexical = Array.from(topScores(bm25Scores, depth).positions);
    const dense = await windows.nearestPassages(index, vector, depth);
    const found = new Map<number, NearestWindow>();
    for (const position of [...dense, ...lexical]) found.set(position, windows.nearest(position, vector));
    return { question, vector, bm25Scores, lexical, dense, found };
  }

  /** Cosine and nearest window of any passage. @param vector unit vector of [dim]. */
  nearestWindow(position: number, vector: Float32Array): NearestWindow {
    return this.parts.windows.nearest(position, vector);
  }

  /** A cosine of this corpus's embedder on the scale of the candidates'. */
  scaled(cosine: number): number {
    return this.parts.scale(cosine);
  }

  /** Returns a unit vector of [dim]. */
  async embedQuestion(question: string): Promise<Float32Array> {
    return this.parts.embedder.embed({ questions: [question] });
  }

  close(): void {
    this.parts.index.close();
    this.parts.vectors.close();
  }
}

/**
 * Opens retrieval over one corpus. Throws `CorruptArtifact` when the artifacts are damaged or do not match, and
 * `BadModel` when another embedder embedded the passages.
 */
export async function openRetriever(options: RetrieverOptions): Promise<Retriever> {
  const { embedder } = options;
  const passages = await readPassages(options.ingestDir);
  const bm25 = await Bm25Index.load(options.buildIndexDir);
  const vectors = await openVectors(options.embedDirs);
  try {
    const scale = cosineScale((await readIndexMeta(options.buildIndexDir)).cosines);
    const windows = new WindowVectors(passages, vectors, scale);
    if (bm25.count !== passages.length || vectors.count !== windows.count) {
      const counts = `${passages.length} passages in ${windows.count} windows, ${vectors.count} vectors, ${bm25.count} in BM25`;
      throw new WinnowError("CorruptArtifact", `these artifacts do not belong to one corpus: ${counts}`);
    }
    if (vectors.modelDigest !== embedder.modelDigest) {
      const [had, has] = [vectors.modelDigest.slice(0, 12), embedder.modelDigest.slice(0, 12)];
      throw new WinnowError(
        "BadModel",
        `the passages were embedded by model ${had}, but the questions would be embedded by ${has}`,
      );
    }
    return new Retriever({
      embedder,
      passages,
      vectors,
      windows,
      bm25,
      scale,
      index: await openVectorIndex(options.buildIndexDir, vectors, options.vectors),
    });
  } catch (error) {
    vectors.close();
    throw error;
  }
}

function inOrderOf(positions: ArrayLike<number>, fused: Fused[]): Fused[] {
  const byPosition = new Map(fused.map((hit) => [hit.position, hit]));
  return Array.from(positions, (position) => byPosition.get(position)!);
}
