import type { CorpusDirs } from "../../artifacts/corpusDirs.ts";
import { PassagePlaces } from "../../artifacts/passagePlaces.ts";
import { type PassageList, PassagesOnDisk } from "../../artifacts/passagesOnDisk.ts";
import { openVectors, type Vectors } from "../../artifacts/vectors.ts";
import type { VectorServer } from "../../base/compute.ts";
import { WinnowError } from "../../base/errors.ts";
import { type StatingPassages, statingPassages } from "../../docs/statingPassages.ts";
import { statementIn } from "../../docs/versionStatement.ts";
import { type StoredPassage, windowCount } from "../../docs/windows.ts";
import { Bm25Index, topScores } from "../bm25.ts";
import type { CosineScale } from "../cosineScale.ts";
import type { VectorIndex } from "../engines/vectorIndex.ts";
import { openVectorIndex } from "../openIndex.ts";
import type { WeightedTerm } from "../termStatistics.ts";
import { WindowVectors } from "../windowVectors.ts";
import type { CorpusSearch, PassageBook, SearchCorpus } from "./corpus.ts";

interface Parts {
  passages: PassagesOnDisk;
  /** Passages that state a version or a stage. */
  stating: readonly StoredPassage[];
  book: PassageBook;
  vectors: Vectors;
  windows: WindowVectors;
  index: VectorIndex;
  bm25: Bm25Index;
}

/** A corpus whose passages are read from their file, and whose BM25 is in memory. Results are the same with and without FAISS. */
export class LocalCorpus implements SearchCorpus {
  private statements: StatingPassages | null = null;

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
    return (this.statements ??= statingPassages(this.parts.stating));
  }

  search(terms: readonly WeightedTerm[], vector: Float32Array, depth: number): Promise<CorpusSearch> {
    return this.searchOn(new Float32Array(this.count), terms, vector, depth, []);
  }

  async passagesAt(positions: readonly number[]): Promise<StoredPassage[]> {
    return positions.map((position) => this.parts.passages.at(position)!);
  }

  async passage(id: string): Promise<StoredPassage | null> {
    const { book } = this.parts;
    const position = book.withId(id);
    return position === undefined ? null : book.at(position);
  }

  async page(id: string): Promise<StoredPassage[] | null> {
    const found = await this.passage(id);
    if (found === null) return null;
    const { book } = this.parts;
    return book.onPage(found.page).map((position) => book.at(position));
  }

  async lookUp(): Promise<PassageBook> {
    return this.parts.book;
  }

  close(): void {
    this.parts.index.close();
    this.parts.vectors.close();
    this.parts.passages.close();
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
  const places = new PassagePlaces();
  const firstRows = [0];
  const stating: StoredPassage[] = [];
  const passages = await PassagesOnDisk.open(dirs.ingestDir, (passage, position) => {
    places.add(passage, position);
    if (statementIn(passage.text) !== null) stating.push(passage);
    firstRows.push(firstRows[position]! + windowCount(passage));
  });
  const closing: { close(): void }[] = [passages];
  try {
    const bm25 = await Bm25Index.load(dirs.buildIndexDir);
    const vectors = await openVectors(dirs.embedDirs);
    closing.push(vectors);
    const windows = new WindowVectors(Uint32Array.from(firstRows), vectors, scale);
    if (bm25.count !== passages.length || vectors.count !== windows.count) {
      const counts = `${passages.length} passages in ${windows.count} windows, ${vectors.count} vectors, ${bm25.count} in BM25`;
      throw new WinnowError("CorruptArtifact", `these artifacts do not belong to one corpus: ${counts}`);
    }
    const index = await openVectorIndex(dirs.buildIndexDir, vectors, server);
    return new LocalCorpus({ passages, stating, book: bookOver(passages, places), vectors, windows, bm25, index });
  } catch (error) {
    for (const part of closing) part.close();
    throw error;
  }
}

/** A book over all passages of a corpus. */
export function bookOf(passages: readonly StoredPassage[]): PassageBook {
  const places = new PassagePlaces();
  for (const [position, passage] of passages.entries()) places.add(passage, position);
  return bookOver(passages, places);
}

function bookOver(passages: PassageList, { byPage, byId }: PassagePlaces): PassageBook {
  return {
    count: passages.length,
    at: (position) => passages.at(position)!,
    onPage: (page) => byPage.get(page) ?? [],
    withId: (id) => byId.get(id),
    keep() {},
  };
}
