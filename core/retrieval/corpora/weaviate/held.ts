import type { IndexKind } from "../../../artifacts/searchIndex.ts";
import type { TermTable } from "../../../artifacts/termsFile.ts";
import { groupBy } from "../../../base/groupBy.ts";
import type { CosineScale } from "../../cosineScale.ts";
import { TermStatistics } from "../../termStatistics.ts";
import type { PassageFacts } from "./postings.ts";
import { type Asked, factsAt } from "./queries.ts";
import type { Replicas } from "./replicas.ts";
import type { Part, ShardCounts } from "./shards.ts";

/** A part of the corpus and the servers that have it. */
export interface Shard {
  replicas: Replicas;
  counts: ShardCounts;
  names: Record<Part, string>;
}

interface Parts {
  kind: IndexKind;
  shards: readonly Shard[];
  table: TermTable;
  scale: CosineScale;
}

/** The shards of a corpus, each asked where it is. */
export class HeldShards {
  readonly terms: TermStatistics;

  constructor(private readonly parts: Parts) {
    const { table } = parts;
    this.terms = new TermStatistics(table.passages, table.settings, (term) => table.find(term)?.frequency ?? 0);
  }

  get kind(): IndexKind {
    return this.parts.kind;
  }

  get table(): TermTable {
    return this.parts.table;
  }

  get scale(): CosineScale {
    return this.parts.scale;
  }

  get count(): number {
    return this.parts.shards.length;
  }

  /** Asks every shard about one of its collections. */
  everywhere<T>(part: Part, work: (asked: Asked, shard: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.parts.shards.map((_, shard) => this.ask(shard, part, (asked) => work(asked, shard))));
  }

  /** Asks a shard about one of its collections. */
  ask<T>(shard: number, part: Part, work: (asked: Asked) => Promise<T>): Promise<T> {
    const { replicas, counts, names } = this.parts.shards[shard]!;
    return replicas.ask((client, signal) => work({ client, signal, name: names[part], count: counts[part] }));
  }

  /** What scoring needs of passages, by position. */
  facts(positions: readonly number[]): Promise<Map<number, PassageFacts>> {
    return this.byPosition(positions, factsAt);
  }

  /** Asks for passages at known positions, each shard for its own. */
  async byPosition<T>(
    positions: readonly number[],
    work: (asked: Asked, positions: readonly number[]) => Promise<[number, T][]>,
  ): Promise<Map<number, T>> {
    const wanted = groupBy(positions, (position) => position % this.count);
    const found = await Promise.all(
      Array.from(wanted, ([shard, some]) => this.ask(shard, "passages", (asked) => work(asked, some))),
    );
    return new Map(found.flat());
  }
}
