import { join } from "node:path";
import type { Passage } from "../../contracts/passage.ts";
import { readJsonLines } from "../artifacts/jsonl.ts";
import { WinnowError } from "../errors.ts";
import type { Embedder } from "../reranker/embedder.ts";
import { Bm25Index, bm25Share, topScores } from "./bm25.ts";
import { type Fused, reciprocalRankFusion } from "./hybrid.ts";
import { openVectorIndex } from "./openIndex.ts";
import type { IndexBackend, IndexKind, VectorIndex } from "./vectorIndex.ts";
import { openVectors, type Vectors } from "./vectors.ts";

/** Candidates taken from each of dense and BM25 before fusion. */
export const FUSION_DEPTH = 100;

/** A retrieved passage with every score retrieval can give it. */
export interface Candidate {
  passage: Passage;
  /** Index in `Retriever.passages`. */
  position: number;
  /** Raw BM25 score, 0 where no term is shared. */
  bm25: number;
  /** BM25 as a share of the best score the question's terms allow, 0..1. */
  bm25Share: number;
  cosine: number;
  /** Reciprocal rank fusion of the two lists it may be in. */
  fused: number;
  /** 1-based, in the ranking asked for. */
  rank: number;
}

export type RetrievalRanking = "bm25" | "dense" | "hybrid";

export interface RetrieverOptions {
  /** Ingest, embed and build-index artifacts of one corpus. */
  ingestDir: string;
  embedDirs: string[];
  buildIndexDir: string;
  /** Model the passages were embedded with. The caller closes it. */
  embedder: Pick<Embedder, "dim" | "modelDigest" | "embed">;
}

interface Parts extends Omit<RetrieverOptions, "ingestDir" | "embedDirs" | "buildIndexDir"> {
  passages: Passage[];
  vectors: Vectors;
  index: VectorIndex;
  bm25: Bm25Index;
}

/** Hybrid retrieval over one corpus: BM25 and cosine, fused. Results are the same with FAISS and without. */
export class Retriever {
  readonly passages: Passage[];

  constructor(private readonly parts: Parts) {
    this.passages = parts.passages;
  }

  /** What the vector search runs on. */
  get backend(): { kind: IndexKind; backend: IndexBackend } {
    return { kind: this.parts.index.kind, backend: this.parts.index.backend };
  }

  /** The `k` best by fusion. */
  async retrieve(question: string, k: number): Promise<Candidate[]> {
    return this.retrieveWithVector(question, await this.embedQuestion(question), k);
  }

  /** As {@link Retriever.retrieve}, for a question embedded already. @param vector unit vector of [dim]. */
  retrieveWithVector(question: string, vector: Float32Array, k: number): Candidate[] {
    return this.rankBy("hybrid", question, vector, k);
  }

  /** The `k` best by one ranking, each with all scores. */
  rankBy(ranking: RetrievalRanking, question: string, vector: Float32Array, k: number): Candidate[] {
    const depth = Math.max(FUSION_DEPTH, k);
    const bm25Scores = this.parts.bm25.scoreAll(question);
    const lexical = topScores(bm25Scores, depth).positions;
    const dense = this.nearest(vector, depth);
    const fused = reciprocalRankFusion([dense, lexical]);
    const order = ranking === "hybrid" ? fused : inOrderOf(ranking === "bm25" ? lexical : dense, fused);
    const best = this.parts.bm25.bestPossible(question);
    return order.slice(0, k).map(({ position, fused }, at) => {
      const bm25 = bm25Scores[position]!;
      const cosine = this.parts.vectors.dot(position, vector);
      const passage = this.passages[position]!;
      return { passage, position, bm25, bm25Share: bm25Share(bm25, best), cosine, fused, rank: at + 1 };
    });
  }

  /** Unit vector of [dim]. */
  async embedQuestion(question: string): Promise<Float32Array> {
    return this.parts.embedder.embed([question]);
  }

  /** Best BM25 score the question's terms allow: raw score over it is `bm25Share`. */
  bestBm25(question: string): number {
    return this.parts.bm25.bestPossible(question);
  }

  close(): void {
    this.parts.index.close();
    this.parts.vectors.close();
  }

  /** Positions by cosine, computed here for every backend so that rounding cannot change an order. */
  private nearest(vector: Float32Array, k: number): number[] {
    const cosines = Array.from(this.parts.index.search(vector, k).positions, (position) => ({
      position,
      cosine: this.parts.vectors.dot(position, vector),
    }));
    return cosines.sort((a, b) => b.cosine - a.cosine || a.position - b.position).map((hit) => hit.position);
  }
}

/**
 * Opens retrieval over one corpus. Throws `CorruptArtifact` when the artifacts are damaged or do not belong together,
 * and `BadModel` when the embedder is not the one that embedded the passages.
 */
export async function openRetriever(options: RetrieverOptions): Promise<Retriever> {
  const { embedder } = options;
  const passages = await readJsonLines<Passage>(join(options.ingestDir, "passages.jsonl"));
  const bm25 = await Bm25Index.load(options.buildIndexDir);
  const vectors = await openVectors(options.embedDirs);
  try {
    if (bm25.count !== passages.length || vectors.count !== passages.length) {
      const counts = `${passages.length} passages, ${vectors.count} vectors, ${bm25.count} in BM25`;
      throw new WinnowError("CorruptArtifact", `these artifacts are not of one corpus: ${counts}`);
    }
    if (vectors.modelDigest !== embedder.modelDigest) {
      const [had, has] = [vectors.modelDigest.slice(0, 12), embedder.modelDigest.slice(0, 12)];
      throw new WinnowError("BadModel", `the passages were embedded by model ${had}, the questions would be by ${has}`);
    }
    return new Retriever({
      embedder,
      passages,
      vectors,
      bm25,
      index: await openVectorIndex(options.buildIndexDir, vectors),
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
