import type { BlockAttributes } from "./macro.ts";

const TAG = /(?:^|\W)(tag|end)::(\S+?)\[\](?=$|\s)/;

/** A file that pages include: its lines, and those that start or end a region. */
export interface IncludedFile {
  /** Characters of the file. */
  size: number;
  lines: readonly string[];
  marks: readonly Mark[];
}

interface Mark {
  at: number;
  isEnd: boolean;
  tag: string;
}

export function includedFile(text: string): IncludedFile {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const marks = lines.flatMap((line, at): Mark[] => {
    const [, kind, tag = ""] = line.includes("::") ? (TAG.exec(line) ?? []) : [];
    return kind === undefined ? [] : [{ at, isEnd: kind === "end", tag }];
  });
  return { size: text.length, lines, marks };
}

/** The lines of a file that an include names by `lines`, `tag` or `tags`; all lines if it names none. */
export function selectedLines(file: IncludedFile, attributes: BlockAttributes): string[] {
  const ranges = attributes.get("lines");
  if (ranges) return linesIn(file.lines, ranges);
  const tags = attributes.get("tags") ?? attributes.get("tag");
  return tags ? taggedLines(file, tags) : [...file.lines];
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
function taggedLines({ lines, marks }: IncludedFile, tags: string): string[] {
  const { named, base, others } = rulesOf(tags);
  const open: { tag: string; selects: boolean }[] = [];
  const selects = () => open.at(-1)?.selects ?? base;
  const selected: string[] = [];
  const add = (from: number, to: number) => {
    if (selects()) for (let at = from; at < to; at++) selected.push(lines[at]!);
  };
  let next = 0;
  for (const { at, isEnd, tag } of marks) {
    add(next, at);
    next = at + 1;
    if (isEnd) {
      const opened = open.findLastIndex((region) => region.tag === tag);
      if (opened >= 0) open.splice(opened, 1);
    } else if (named.has(tag)) open.push({ tag, selects: named.get(tag)! });
    else if (others !== null) open.push({ tag, selects: open.length > 0 && !selects() ? false : others });
  }
  add(next, lines.length);
  return selected;
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
