export type BlockAttributes = ReadonlyMap<string, string>;

/** The attributes of a block macro: `a=1,b="x, y",opts=optional`. */
export function attributesIn(list: string): BlockAttributes {
  const found = new Map<string, string>();
  for (const [, name, double, single, bare] of list.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^,]*))/g))
    found.set(name!, (double ?? single ?? bare ?? "").trim());
  for (const [, option] of list.matchAll(/(?:^|,)\s*%([\w-]+)/g)) found.set("opts", option!);
  return found;
}
