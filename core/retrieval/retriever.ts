import { join } from "node:path";
import { readJsonLines } from "../artifacts/jsonl.ts";
import type { StoredPassage } from "../corpus/windows.ts";
import { WinnowError } from "../errors.ts";
import type { Embedder } from "../reranker/embedder.ts";
import { Bm25Index, bm25Share, topScores } from "./bm25.ts";
import { type Fused, reciprocalRankFusion, weightedFusion } from "./hybrid.ts";
import { openVectorIndex } from "./openIndex.ts";
import type { IndexBackend, IndexKind, VectorIndex } from "./vectorIndex.ts";
import { openVectors, type Vectors } from "./vectors.ts";
import { type NearestWindow, WindowVectors } from "./windowVectors.ts";

/** Candidates taken from each of dense and BM25 before fusion. */
export const FUSION_DEPTH = 200;
/** Lists that go into reciprocal rank fusion are cut here, as is usual. */
const RRF_DEPTH = 100;

/** A retrieved passage with every score retrieval can give it. */
export interface Candidate {
  passage: StoredPassage;
  /** The window of the passage nearest to the question, from 0. */
  window: number;
  /** Index in `Retriever.passages`. */
  position: number;
  /** Raw BM25 score, 0 where no term is shared. */
  bm25: number;
  /** BM25 as a share of the best score the question's terms allow, 0..1. */
  bm25Share: number;
  /** Of the nearest window. */
  cosine: number;
  /** Cosine and BM25 added (`weightedFusion`); for the ranking `rrf`, its sum. */
  fused: number;
  /** 1-based, in the ranking asked for. */
  rank: number;
}

/** `hybrid` adds the weighted scores and is what serves; `rrf` fuses ranks: the usual baseline. */
export type RetrievalRanking = "bm25" | "dense" | "rrf" | "hybrid";

export interface RetrieverOptions {
  /** Ingest, embed and build-index artifacts of one corpus. */
  ingestDir: string;
  embedDirs: string[];
  buildIndexDir: string;
  /** Model the passages were embedded with. The caller closes it. */
  embedder: Pick<Embedder, "dim" | "modelDigest" | "embed">;
}

interface Parts extends Omit<RetrieverOptions, "ingestDir" | "embedDirs" | "buildIndexDir"> {
  passages: StoredPassage[];
  vectors: Vectors;
  windows: WindowVectors;
  index: VectorIndex;
  bm25: Bm25Index;
}

/** Both lists for a question, and the nearest window of all in them. */
interface Found {
  /** By position. */
  bm25Scores: ReturnType<Bm25Index["scoreAll"]>;
  lexical: number[];
  dense: Awaited<ReturnType<WindowVectors["nearestPassages"]>>;
  found: Map<number, NearestWindow>;
}

/** Hybrid retrieval over one corpus: BM25 and cosine, fused. Results are the same with FAISS and without. */
export class Retriever {
  readonly passages: StoredPassage[];
  /** What was found last: an evaluation ranks the same by four rules. */
  private last: { question: string; vector: Float32Array; depth: number; found: Promise<Found> } | null = null;

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
  retrieveWithVector(question: string, vector: Float32Array, k: number): Promise<Candidate[]> {
    return this.rankBy("hybrid", question, vector, k);
  }

  /** The `k` best by one ranking, each with all scores. */
  async rankBy(ranking: RetrievalRanking, question: string, vector: Float32Array, k: number): Promise<Candidate[]> {
    const { bm25 } = this.parts;
    const { bm25Scores, lexical, dense, found } = await this.find(question, vector, Math.max(FUSION_DEPTH, k));
    const score = (position: number) => ({ cosine: found.get(position)!.cosine, bm25: bm25Scores[position]! });
    const lists = { bm25: lexical, dense };
    const fused =
      ranking === "rrf"
        ? reciprocalRankFusion([dense, lexical].map((list) => list.slice(0, RRF_DEPTH)))
        : weightedFusion(found.keys(), score, bm25.count);
    const order = ranking === "bm25" || ranking === "dense" ? inOrderOf(lists[ranking], fused) : fused;
    const best = bm25.bestPossible(question);
    return order.slice(0, k).map(({ position, fused }, at) => {
      const { cosine, window } = found.get(position)!;
      const raw = bm25Scores[position]!;
      const scores = { bm25: raw, bm25Share: bm25Share(raw, best), cosine, fused };
      return { passage: this.passages[position]!, position, window, ...scores, rank: at + 1 };
    });
  }

  private find(question: string, vector: Float32Array, depth: number): Promise<Found> {
    const { last } = this;
    if (last?.vector === vector && last.question === question && last.depth === depth) return last.found;
    const found = this.search(question, vector, depth);
    this.last = { question, vector, depth, found };
    return found;
  }

  private async search(question: string, vector: Float32Array, depth: number): Promise<Found> {
    const { bm25, windows, index } = this.parts;
    const bm25Scores = bm25.scoreAll(question);
    const lexical = Array.from(topScores(bm25Scores, depth).positions);
    const dense = await windows.nearestPassages(index, vector, depth);
    const found = new Map<number, NearestWindow>();
    for (const position of [...dense, ...lexical]) found.set(position, windows.nearest(position, vector));
    return { bm25Scores, lexical, dense, found };
  }

  /** Cosine and nearest window of any passage. @param vector unit vector of [dim]. */
  nearestWindow(position: number, vector: Float32Array): NearestWindow {
    return this.parts.windows.nearest(position, vector);
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
}

/**
 * Opens retrieval over one corpus. Throws `CorruptArtifact` when the artifacts are damaged or do not belong together,
 * and `BadModel` when the embedder is not the one that embedded the passages.
 */
export async function openRetriever(options: RetrieverOptions): Promise<Retriever> {
  const { embedder } = options;
  const passages = await readJsonLines<StoredPassage>(join(options.ingestDir, "passages.jsonl"));
  const bm25 = await Bm25Index.load(options.buildIndexDir);
  const vectors = await openVectors(options.embedDirs);
  try {
    const windows = new WindowVectors(passages, vectors);
    if (bm25.count !== passages.length || vectors.count !== windows.count) {
      const counts = `${passages.length} passages in ${windows.count} windows, ${vectors.count} vectors, ${bm25.count} in BM25`;
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
      windows,
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
