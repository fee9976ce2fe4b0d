import type { Unit, UnitLink } from "./units.ts";

/** Text of one passage before it gets an id. */
export interface Piece {
  text: string;
  lines: [number, number];
  links: UnitLink[];
}

/** Longest introduction, in wordpieces, repeated before code that starts a passage. */
const MAX_INTRODUCTION = 40;

/**
 * Packs units into pieces of at most `budget` wordpieces, in order. Nothing is dropped: long units are split at
 * sentences, code at lines, words at characters. Code keeps the sentence that introduces it, table rows their header.
 */
export function packUnits(units: Unit[], budget: number, count: (text: string) => number): Piece[] {
  const pieces: Piece[] = [];
  let open: { texts: string[]; tokens: number; piece: Piece } | null = null;
  let introduction = "";
  const close = () => {
    if (open) pieces.push({ ...open.piece, text: open.texts.join("\n") });
    open = null;
  };
  for (const part of splitUnits(units, budget, count)) {
    const tokens = count(part.text);
    if (open && open.tokens + tokens > budget) close();
    if (!open) {
      const lead = leadOf(part, introduction, budget - tokens, count);
      open = {
        texts: lead ? [lead] : [],
        tokens: lead ? count(lead) : 0,
        piece: { text: "", lines: [...part.lines], links: [] },
      };
    }
    open.texts.push(part.text);
    open.tokens += tokens;
    open.piece.lines = [Math.min(open.piece.lines[0], part.lines[0]), Math.max(open.piece.lines[1], part.lines[1])];
    open.piece.links.push(...part.links.filter((link) => part.text.includes(link.anchor)));
    if (part.kind === "prose") introduction = lastSentence(part.text);
  }
  close();
  return pieces;
}

/** The text repeated before a part that starts a passage. */
function leadOf(part: Unit, introduction: string, room: number, count: (text: string) => number): string {
  const lead = part.kind === "row" ? (part.header ?? "") : part.kind === "code" ? introduction : "";
  return lead !== "" && count(lead) <= Math.min(room, part.kind === "code" ? MAX_INTRODUCTION : room / 2) ? lead : "";
}

function lastSentence(text: string): string {
  return sentences(text).at(-1) ?? "";
}

/** Sentences of a text. Joined by spaces, they give the text. */
export function sentences(text: string): string[] {
  return text.split(/(?<=[.!?:]["')\]]?)\s+(?=\S)/);
}

/** Splits units to fit. A code block leaves room for the introduction that each of its parts repeats. */
function splitUnits(units: Unit[], budget: number, count: (text: string) => number): Unit[] {
  return units.flatMap((unit, i) => {
    const before = units[i - 1];
    if (unit.kind !== "code" || before?.kind !== "prose") return splitUnit(unit, budget, count);
    const lead = count(lastSentence(before.text));
    return splitUnit(unit, count(unit.text) > budget && lead <= MAX_INTRODUCTION ? budget - lead : budget, count);
  });
}

function splitUnit(unit: Unit, budget: number, count: (text: string) => number): Unit[] {
  if (count(unit.text) <= budget) return [unit];
  if (unit.kind === "code") return splitCode(unit, budget, count);
  const header = unit.header ? count(unit.header) : 0;
  const room = header <= budget / 3 ? budget - header : budget;
  return fill(sentences(unit.text), " ", room, count).map((text) => ({ ...unit, text }));
}

/** Joins parts up to the budget. A part over the budget is cut at words, a word at characters. */
function fill(parts: string[], glue: string, budget: number, count: (text: string) => number): string[] {
  const full: string[] = [];
  let current = "";
  let tokens = 0;
  for (const part of parts.flatMap((text) => cutLong(text, budget, count))) {
    const cost = count(part);
    if (current !== "" && tokens + cost > budget) {
      full.push(current);
      current = "";
      tokens = 0;
    }
    current = current === "" ? part : `${current}${glue}${part}`;
    tokens += cost;
  }
  return current === "" ? full : [...full, current];
}

function cutLong(text: string, budget: number, count: (text: string) => number): string[] {
  if (count(text) <= budget) return [text];
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length > 1) return fill(words, " ", budget, count);
  const middle = breakOf(text);
  return middle >= text.length
    ? [text]
    : [...cutLong(text.slice(0, middle), budget, count), ...cutLong(text.slice(middle), budget, count)];
}

/** Cuts an overlong word after the punctuation nearest to its middle, so that names in it stay whole. */
function breakOf(word: string): number {
  const half = Math.ceil(word.length / 2);
  for (let away = 0; away < half / 2; away++)
    for (const at of [half - away, half + away]) if (/[!-/:-@[-^`{-~]/.test(word[at - 1] ?? "")) return at;
  // Never cuts between the halves of a surrogate pair.
  return /[\ud800-\udbff]/.test(word[half - 1]!) ? half + 1 : half;
}

/** Splits code at lines, each part in its own fence. Line ranges stay exact. */
function splitCode(unit: Unit, budget: number, count: (text: string) => number): Unit[] {
  const [open = "```", ...rest] = unit.text.split("\n");
  const fence = /^[`~]+/.exec(open)?.[0] ?? "```";
  const room = Math.max(8, budget - count(open) - count(fence));
  const parts: Unit[] = [];
  let lines: string[] = [];
  let tokens = 0;
  // Code of a data file may stand on fewer lines than it has.
  const within = (line: number) => Math.min(line, unit.lines[1]);
  let first = within(unit.lines[0] + 1);
  const close = (next: number) => {
    if (lines.length > 0)
      parts.push({
        ...unit,
        text: [open, ...lines, fence].join("\n"),
        lines: [first, Math.max(first, within(next - 1))],
      });
    lines = [];
    tokens = 0;
    first = within(next);
  };
  for (const [i, line] of rest.slice(0, -1).entries()) {
    for (const text of line.trim() === "" ? [line] : count(line) <= room ? [line] : cutLong(line, room, count)) {
      const cost = count(text);
      if (tokens + cost > room) close(unit.lines[0] + 1 + i);
      lines.push(text);
      tokens += cost;
    }
  }
  close(unit.lines[1]);
  return parts;
}
