import { WinnowError } from "../../../base/errors.ts";
import type { StatingPassages } from "../../../docs/statingPassages.ts";
import type { StoredPassage } from "../../../docs/windows.ts";
import type { TermStatistics, WeightedTerm } from "../../termStatistics.ts";
import type { CorpusSearch, PassageBook, SearchCorpus, WantedPassages } from "../corpus.ts";
import type { HeldShards } from "./held.ts";
import { passagesAt, passagesWhere } from "./queries.ts";
import { WeaviateSearch } from "./search.ts";

/** Values of a filter in one query. */
const VALUES_AT_ONCE = 20;

/** A corpus on search servers. Of the corpus, this process keeps the terms that it looked up last, and nothing else. */
export class WeaviateCorpus implements SearchCorpus {
  readonly backend = "weaviate";
  readonly passages = null;
  readonly count: number;
  readonly terms: TermStatistics;
  readonly stating: StatingPassages;

  constructor(private readonly held: HeldShards) {
    this.count = held.table.passages;
    this.terms = held.terms;
    this.stating = {
      named: async (words) => firstOfEachPage(await this.where("statingTitle", words)),
      onPages: async (pages) => (await this.where("statingPage", pages)).map(([, passage]) => passage),
    };
  }

  get kind() {
    return this.held.kind;
  }

  search(terms: readonly WeightedTerm[], vector: Float32Array, depth: number): Promise<CorpusSearch> {
    return WeaviateSearch.start(this.held, terms, vector, depth);
  }

  async passagesAt(positions: readonly number[]): Promise<StoredPassage[]> {
    const found = await this.held.byPosition(positions, passagesAt);
    return positions.map((position) => found.get(position)!);
  }

  async passage(id: string): Promise<StoredPassage | null> {
    return (await this.where("key", [id]))[0]?.[1] ?? null;
  }

  async page(id: string): Promise<StoredPassage[] | null> {
    const found = await this.passage(id);
    return found && (await this.where("page", [found.page])).map(([, passage]) => passage);
  }

  async lookUp({ pages = [], ids = [] }: WantedPassages): Promise<PassageBook> {
    const book = new LookedUp(this.count);
    for (const [position, passage] of await this.where("page", [...pages])) book.add(position, passage);
    for (const [position, passage] of await this.where("key", [...ids])) book.keep(position, passage);
    return book;
  }

  close(): void {
    this.held.table.close();
  }

  /** Passages with one of the values in a field, in order. */
  private async where(
    field: Parameters<typeof passagesWhere>[1],
    values: readonly string[],
  ): Promise<[number, StoredPassage][]> {
    const found: [number, StoredPassage][] = [];
    for (let start = 0; start < values.length; start += VALUES_AT_ONCE) {
      const some = values.slice(start, start + VALUES_AT_ONCE);
      for (const hits of await this.held.everywhere("passages", (asked) => passagesWhere(asked, field, some)))
        for (const hit of hits) found.push(hit);
    }
    return found.sort((a, b) => a[0] - b[0]);
  }
}

/** The passages that a task has looked up. */
class LookedUp implements PassageBook {
  private readonly passages = new Map<number, StoredPassage>();
  private readonly pages = new Map<string, number[]>();
  private readonly ids = new Map<string, number>();

  constructor(readonly count: number) {}

  at(position: number): StoredPassage {
    const passage = this.passages.get(position);
    if (passage) return passage;
    throw new WinnowError("BadInput", `the passage at ${position} was not looked up`);
  }

  onPage(page: string): readonly number[] {
    return this.pages.get(page) ?? [];
  }

  withId(id: string): number | undefined {
    return this.ids.get(id);
  }

  keep(position: number, passage: StoredPassage): void {
    this.passages.set(position, passage);
    this.ids.set(passage.id, position);
  }

  /** Adds a passage of a page that is looked up whole. */
  add(position: number, passage: StoredPassage): void {
    this.keep(position, passage);
    this.pages.set(passage.page, [...this.onPage(passage.page), position]);
  }
}

function firstOfEachPage(found: readonly [number, StoredPassage][]): StoredPassage[] {
  const pages = new Map<string, StoredPassage>();
  for (const [, passage] of found) if (!pages.has(passage.page)) pages.set(passage.page, passage);
  return [...pages.values()];
}
