/** A part of a list: every `of`-th item from `index` on. */
export interface Shard {
  index: number;
  of: number;
}

export function shardOf<T>(items: readonly T[], { index, of }: Shard): T[] {
  return items.filter((_, i) => i % of === index);
}
