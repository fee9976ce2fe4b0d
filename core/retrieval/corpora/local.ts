import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";
import { readPassages } from "../../artifacts/passages.ts";
import { openVectors, type Vectors } from "../../artifacts/vectors.ts";
import type { VectorServer } from "../../base/compute.ts";
import { WinnowError } from "../../base/errors.ts";
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

/** Scores of all passages by BM25, and the two lists. */
interface Lists extends Pick<CorpusSearch, "lexical" | "dense"> {
  scores: Float32Array;
  vector: Float32Array;
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

  async search(terms: readonly WeightedTerm[], vector: Float32Array, depth: number): Promise<CorpusSearch> {
    const { bm25, windows, index } = this.parts;
    const scores = new Float32Array(this.count);
    for (const { term, weight } of terms) bm25.addTerm(scores, term, weight);
    const lexical = Array.from(topScores(scores, depth).positions);
    const dense = await windows.nearestPassages(index, vector, depth);
    return this.found({ scores, lexical, dense, vector }, [...dense, ...lexical]);
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

  private found(lists: Lists, positions: readonly number[]): CorpusSearch {
    const { bm25, windows, index } = this.parts;
    const { scores, lexical, dense, vector: own } = lists;
    const nearest = new Map(Array.from(new Set(positions), (position) => [position, windows.nearest(position, own)]));
    return {
      ...{ lexical, dense, positions: [...nearest.keys()] },
      bm25: (position) => scores[position]!,
      nearest: (position, vector) =>
        (vector === own ? nearest.get(position) : undefined) ?? windows.nearest(position, vector),
      vectorOf: (position, window) => windows.vectorOf(position, window),
      include: async () => {},
      expand: async (more, vector) => {
        const expanded = scores.slice();
        for (const { term, weight } of more) bm25.addTerm(expanded, term, weight);
        const depth = Math.max(dense.length, lexical.length);
        const near = await windows.nearestPassages(index, vector, depth);
        const best = Array.from(topScores(expanded, depth).positions);
        return this.found({ scores: expanded, lexical: best, dense: near, vector }, [
          ...nearest.keys(),
          ...near,
          ...best,
        ]);
      },
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
  const pages = new Map<string, number[]>();
  const byId = new Map<string, number>();
  for (const [position, { id, page }] of passages.entries()) {
    byId.set(id, position);
    const known = pages.get(page);
    if (known) known.push(position);
    else pages.set(page, [position]);
  }
  return {
    count: passages.length,
    at: (position) => passages[position]!,
    onPage: (page) => pages.get(page) ?? [],
    withId: (id) => byId.get(id),
    keep() {},
  };
}
