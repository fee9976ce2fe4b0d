import type { BlockAttributes } from "./macro.ts";

const TAG = /(?:^|\W)(tag|end)::(\S+?)\[\](?=$|\s)/;

/** The lines of a file that an include names by `lines`, `tag` or `tags`; all lines if it names none. */
export function selectedLines(lines: readonly string[], attributes: BlockAttributes): string[] {
  const ranges = attributes.get("lines");
  if (ranges) return linesIn(lines, ranges);
  const tags = attributes.get("tags") ?? attributes.get("tag");
  return tags ? taggedLines(lines, tags) : [...lines];
}

/** Ranges such as `1..5;8;10..-1`. */
function linesIn(lines: readonly string[], ranges: string): string[] {
  const wanted = new Set<number>();
  for (const range of ranges.split(/[,;]/)) {
    const [, from, dots, to] = /^\s*(\d+)\s*(\.\.)?\s*(-?\d*)\s*$/.exec(range) ?? [];
    if (from === undefined) continue;
    const last = dots === undefined ? Number(from) : to === "" || to!.startsWith("-") ? lines.length : Number(to);
    for (let line = Number(from); line <= Math.min(last, lines.length); line++) wanted.add(line);
  }
  return lines.filter((_, i) => wanted.has(i + 1));
}

/** Regions between `tag::name[]` and `end::name[]`, by Asciidoctor's rules for several, negated and wildcard names. */
function taggedLines(lines: readonly string[], tags: string): string[] {
  const { named, base, others } = rulesOf(tags);
  const open: { tag: string; selects: boolean }[] = [];
  const selects = () => open.at(-1)?.selects ?? base;
  return lines.filter((line) => {
    const [, kind, tag = ""] = TAG.exec(line) ?? [];
    if (kind === undefined) return selects();
    if (kind === "end") {
      const at = open.findLastIndex((region) => region.tag === tag);
      if (at >= 0) open.splice(at, 1);
    } else if (named.has(tag)) open.push({ tag, selects: named.get(tag)! });
    else if (others !== null) open.push({ tag, selects: open.length > 0 && !selects() ? false : others });
    return false;
  });
}

/** Which regions a list of tags selects: those named, the text outside all regions, and other regions (null: as outside). */
function rulesOf(tags: string): { named: Map<string, boolean>; base: boolean; others: boolean | null } {
  const names = tags
    .split(/[,;]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "" && tag !== "!");
  const named = new Map(names.map((tag) => (tag.startsWith("!") ? [tag.slice(1), false] : [tag, true])));
  const [first] = named.keys();
  const all = take(named, "**");
  const each = take(named, "*");
  const [firstNamed] = named.values();
  if (all !== null) return { named, base: all, others: each ?? (!all && firstNamed === false ? true : null) };
  if (each !== null) return { named, base: first === "*" ? !each : false, others: each };
  return { named, base: ![...named.values()].includes(true), others: null };
}

function take(named: Map<string, boolean>, tag: string): boolean | null {
  const selects = named.get(tag) ?? null;
  named.delete(tag);
  return selects;
}
