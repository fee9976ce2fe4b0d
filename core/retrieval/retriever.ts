import type { CorpusDirs } from "../artifacts/corpusDirs.ts";
import type { PassageList } from "../artifacts/passagesOnDisk.ts";
import { type IndexBackend, type IndexKind, readIndexMeta } from "../artifacts/searchIndex.ts";
import type { VectorServer } from "../base/compute.ts";
import { WinnowError } from "../base/errors.ts";
import type { StatingPassages } from "../docs/statingPassages.ts";
import type { StoredPassage } from "../docs/windows.ts";
import type { Embedder } from "../models/embedder.ts";
import { bm25Share } from "./bm25.ts";
import type { CorpusSearch, PassageBook, SearchCorpus, WantedPassages } from "./corpora/corpus.ts";
import { openCorpus } from "./corpora/index.ts";
import { type CosineScale, cosineScale } from "./cosineScale.ts";
import { expandedVector, FEEDBACK, feedbackTerms } from "./feedback.ts";
import { type Fused, reciprocalRankFusion, weightedFusion } from "./fusion.ts";
import { HEADINGS, HeadingVectors } from "./headings.ts";

/** Candidates from each of dense and BM25 before fusion. */
export const FUSION_DEPTH = 200;
/** Reciprocal rank fusion cuts its lists here, as is usual. */
const RRF_DEPTH = 100;

/** A retrieved passage with all scores of retrieval. */
export interface Candidate {
  passage: StoredPassage;
  /** The window of the passage nearest to the question, from 0. */
  window: number;
  /** Position in the ingest artifact, from 0. */
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
  corpus: SearchCorpus;
  scale: CosineScale;
}

/** The first search for a question, the basis of every ranking. */
export interface Found {
  question: string;
  /** Unit vector of [dim]. */
  vector: Float32Array;
  search: CorpusSearch;
}

/** Passages that a ranking has read, by position. */
type Read = Map<number, StoredPassage>;

/** Retrieval over one corpus by BM25 and cosine. Results are the same wherever the corpus is held. */
export class Retriever {
  private readonly headings: HeadingVectors;

  constructor(private readonly parts: Parts) {
    this.headings = new HeadingVectors(parts.embedder, parts.scale);
  }

  /** The kind and engine of the vector search. */
  get backend(): { kind: IndexKind; backend: IndexBackend } {
    return { kind: this.parts.corpus.kind, backend: this.parts.corpus.backend };
  }

  /** All passages. Throws `BadInput` for a corpus that is held elsewhere: use {@link Retriever.lookUp} for that. */
  get passages(): PassageList {
    const { passages } = this.parts.corpus;
    if (passages) return passages;
    throw new WinnowError("BadInput", "the passages of this corpus are on search servers, not on this machine");
  }

  /** The passages that state versions or stages. */
  get stating(): StatingPassages {
    return this.parts.corpus.stating;
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
    const { search, question, vector } = first;
    const read: Read = new Map();
    const shown = (await this.orderOf(ranking, first, k, read)).slice(0, k);
    await this.readInto(read, shown);
    const best = this.parts.corpus.terms.bestPossible(question);
    return shown.map(({ position, fused }, at) => {
      const { cosine, window } = search.nearest(position, vector);
      const raw = search.bm25(position);
      const scores = { bm25: raw, bm25Share: bm25Share(raw, best), cosine, fused };
      return { passage: read.get(position)!, position, window, ...scores, rank: at + 1 };
    });
  }

  private async orderOf(ranking: RetrievalRanking, first: Found, k: number, read: Read): Promise<Fused[]> {
    const { lexical, dense } = first.search;
    if (ranking === "rrf") return reciprocalRankFusion([dense, lexical].map((list) => list.slice(0, RRF_DEPTH)));
    const weighted = this.fuse(first.search, first.vector);
    if (ranking === "bm25") return inOrderOf(lexical, weighted);
    if (ranking === "dense") return inOrderOf(dense, weighted);
    if (ranking === "weighted") return weighted;
    const searched = await this.withFeedback(first, weighted, read);
    if (ranking === "feedback") return searched;
    // The headings change the order of these alone, so nothing else is shown.
    await this.readInto(read, searched.slice(0, Math.max(k, HEADINGS.depth)));
    return this.headings.reorder(searched, first.vector, (position) => read.get(position)!.heading);
  }

  /** Reads the passages of hits, unless they were read. */
  private async readInto(read: Read, hits: readonly Fused[]): Promise<void> {
    const missing = hits.map(({ position }) => position).filter((position) => !read.has(position));
    if (missing.length === 0) return;
    const found = await this.parts.corpus.passagesAt(missing);
    for (const [at, position] of missing.entries()) read.set(position, found[at]!);
  }

  private fuse(search: CorpusSearch, vector: Float32Array): Fused[] {
    const score = (position: number) => ({
      cosine: search.nearest(position, vector).cosine,
      bm25: search.bm25(position),
    });
    return weightedFusion(search.positions, score, this.parts.corpus.count);
  }

  /** Searches again with the question expanded by the best passages of the first search. */
  private async withFeedback(
    { question, vector, search }: Found,
    weighted: readonly Fused[],
    read: Read,
  ): Promise<Fused[]> {
    const lending = weighted.slice(0, FEEDBACK.passages);
    await this.readInto(read, lending);
    const told = lending.map(({ position, fused }) => ({
      score: fused,
      text: `${read.get(position)!.heading.join("\n")}\n${read.get(position)!.text}`,
      vector: search.vectorOf(position, search.nearest(position, vector).window),
    }));
    const expanded = expandedVector(vector, told);
    const more = feedbackTerms(question, told, this.parts.corpus.terms);
    return this.fuse(await search.expand(more, expanded), expanded);
  }

  /** Searches both lists deep enough for the `k` best of any ranking. @param vector unit vector of [dim]. */
  async find(question: string, vector: Float32Array, k: number): Promise<Found> {
    const { corpus } = this.parts;
    const search = await corpus.search(corpus.terms.weighted(question), vector, Math.max(FUSION_DEPTH, k));
    return { question, vector, search };
  }

  /** A cosine of this corpus's embedder on the scale of the candidates'. */
  scaled(cosine: number): number {
    return this.parts.scale(cosine);
  }

  /** Returns a unit vector of [dim]. */
  async embedQuestion(question: string): Promise<Float32Array> {
    return this.parts.embedder.embed({ questions: [question] });
  }

  /** The passage with this id; null if there is none. */
  passage(id: string): Promise<StoredPassage | null> {
    return this.parts.corpus.passage(id);
  }

  /** All passages of the page of the passage with this id, in order; null if there is none. */
  page(id: string): Promise<StoredPassage[] | null> {
    return this.parts.corpus.page(id);
  }

  /** A book with at least the passages of these pages and ids. */
  lookUp(wanted: WantedPassages): Promise<PassageBook> {
    return this.parts.corpus.lookUp(wanted);
  }

  close(): void {
    this.parts.corpus.close();
  }
}

/**
 * Opens retrieval over one corpus. Throws `CorruptArtifact` when the artifacts are damaged or do not match, and
 * `BadModel` when another embedder embedded the passages.
 */
export async function openRetriever(options: RetrieverOptions): Promise<Retriever> {
  const { embedder } = options;
  const meta = await readIndexMeta(options.buildIndexDir);
  const scale = cosineScale(meta.cosines);
  const corpus = await openCorpus(options, meta, scale, options.vectors ?? null);
  if (meta.modelDigest === embedder.modelDigest) return new Retriever({ embedder, corpus, scale });
  corpus.close();
  const [had, has] = [meta.modelDigest.slice(0, 12), embedder.modelDigest.slice(0, 12)];
  throw new WinnowError(
    "BadModel",
    `the passages were embedded by model ${had}, but the questions would be embedded by ${has}`,
  );
}

function inOrderOf(positions: ArrayLike<number>, fused: Fused[]): Fused[] {
  const byPosition = new Map(fused.map((hit) => [hit.position, hit]));
  return Array.from(positions, (position) => byPosition.get(position)!);
}
