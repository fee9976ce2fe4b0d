import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";
import { readPassages } from "../../artifacts/passages.ts";
import { openVectors, type Vectors } from "../../artifacts/vectors.ts";
import type { VectorServer } from "../../base/compute.ts";
import { WinnowError } from "../../base/errors.ts";
import { groupBy } from "../../base/groupBy.ts";
import { type StatingPassages, statingPassages } from "../../docs/statingPassages.ts";
import type { StoredPassage } from "../../docs/windows.ts";
import { Bm25Index, topScores } from "../bm25.ts";
import type { CosineScale } from "../cosineScale.ts";
import type { VectorIndex } from "../engines/vectorIndex.ts";
import { openVectorIndex } from "../openIndex.ts";
import type { WeightedTerm } from "../termStatistics.ts";
import { WindowVectors } from "../windowVectors.ts";
import type { CorpusSearch, PassageBook, SearchCorpus } from "./corpus.ts";

interface Parts {
  passages: readonly StoredPassage[];
  vectors: Vectors;
  windows: WindowVectors;
  index: VectorIndex;
  bm25: Bm25Index;
}

/** A corpus whose passages and BM25 are in memory. Results are the same with and without FAISS. */
export class LocalCorpus implements SearchCorpus {
  private statements: StatingPassages | null = null;
  private whole: PassageBook | null = null;

  constructor(private readonly parts: Parts) {}

  get kind() {
    return this.parts.index.kind;
  }

  get backend() {
    return this.parts.index.backend;
  }

  get count() {
    return this.parts.passages.length;
  }

  get passages() {
    return this.parts.passages;
  }

  get terms() {
    return this.parts.bm25.terms;
  }

  get stating(): StatingPassages {
    return (this.statements ??= statingPassages(this.parts.passages));
  }

  search(terms: readonly WeightedTerm[], vector: Float32Array, depth: number): Promise<CorpusSearch> {
    return this.searchOn(new Float32Array(this.count), terms, vector, depth, []);
  }

  async passagesAt(positions: readonly number[]): Promise<StoredPassage[]> {
    return positions.map((position) => this.parts.passages[position]!);
  }

  async passage(id: string): Promise<StoredPassage | null> {
    const position = (await this.lookUp()).withId(id);
    return position === undefined ? null : this.parts.passages[position]!;
  }

  async page(id: string): Promise<StoredPassage[] | null> {
    const found = await this.passage(id);
    if (found === null) return null;
    const book = await this.lookUp();
    return book.onPage(found.page).map((position) => book.at(position));
  }

  async lookUp(): Promise<PassageBook> {
    return (this.whole ??= bookOf(this.parts.passages));
  }

  close(): void {
    this.parts.index.close();
    this.parts.vectors.close();
  }

  /**
   * Both lists, and the nearest window of everything in them and in `known`.
   *
   * @param scores of all passages so far; `terms` are added to them.
   * @param known positions that earlier searches found.
   */
  private async searchOn(
    scores: Float32Array,
    terms: readonly WeightedTerm[],
    vector: Float32Array,
    depth: number,
    known: readonly number[],
  ): Promise<CorpusSearch> {
    const { bm25, windows, index } = this.parts;
    for (const { term, weight } of terms) bm25.addTerm(scores, term, weight);
    const lexical = Array.from(topScores(scores, depth).positions);
    const dense = await windows.nearestPassages(index, vector, depth);
    const positions = [...new Set([...known, ...dense, ...lexical])];
    const nearest = new Map(positions.map((position) => [position, windows.nearest(position, vector)]));
    return {
      ...{ lexical, dense, positions },
      bm25: (position) => scores[position]!,
      nearest: (position, to) => (to === vector ? nearest.get(position) : undefined) ?? windows.nearest(position, to),
      vectorOf: (position, window) => windows.vectorOf(position, window),
      include: async () => {},
      expand: (more, expanded) =>
        this.searchOn(scores.slice(), more, expanded, Math.max(dense.length, lexical.length), positions),
    };
  }
}

/** Opens a corpus of artifacts. Throws `CorruptArtifact` when they are damaged or do not belong together. */
export async function openLocalCorpus(
  dirs: CorpusDirs,
  scale: CosineScale,
  server: VectorServer | null,
): Promise<LocalCorpus> {
  const passages = await readPassages(dirs.ingestDir);
  const bm25 = await Bm25Index.load(dirs.buildIndexDir);
  const vectors = await openVectors(dirs.embedDirs);
  try {
    const windows = new WindowVectors(passages, vectors, scale);
    if (bm25.count !== passages.length || vectors.count !== windows.count) {
      const counts = `${passages.length} passages in ${windows.count} windows, ${vectors.count} vectors, ${bm25.count} in BM25`;
      throw new WinnowError("CorruptArtifact", `these artifacts do not belong to one corpus: ${counts}`);
    }
    const index = await openVectorIndex(dirs.buildIndexDir, vectors, server);
    return new LocalCorpus({ passages, vectors, windows, bm25, index });
  } catch (error) {
    vectors.close();
    throw error;
  }
}

/** A book over all passages of a corpus. */
export function bookOf(passages: readonly StoredPassage[]): PassageBook {
  const pages = groupBy(passages.keys(), (position) => passages[position]!.page);
  const byId = new Map(passages.map(({ id }, position) => [id, position]));
  return {
    count: passages.length,
    at: (position) => passages[position]!,
    onPage: (page) => pages.get(page) ?? [],
    withId: (id) => byId.get(id),
    keep() {},
  };
}
