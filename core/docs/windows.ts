import type { Passage } from "../../contracts/passage.ts";
import { sentences } from "./pack.ts";
import { passageInput } from "./passageText.ts";

/** A stored passage, with the windows that embedder and reranker read. */
export interface StoredPassage extends Passage {
  /** Spans `[start, end)` of `text`, in order, that together cover it; absent if one window does. */
  windows?: [number, number][];
}

/**
 * Cuts a text into windows of at most `budget` wordpieces, at lines and sentences if possible. Passages are sized for
 * readers; a small encoder distinguishes shorter texts better.
 */
export function windowsOf(text: string, budget: number, count: (text: string) => number): [number, number][] {
  const windows: [number, number][] = [];
  let open: { start: number; end: number; tokens: number } | null = null;
  for (const [start, end] of pieces(text, budget, count)) {
    const tokens = count(text.slice(start, end));
    if (open !== null && open.tokens + tokens <= budget) {
      open.end = end;
      open.tokens += tokens;
      continue;
    }
    if (open !== null) windows.push([open.start, open.end]);
    open = { start, end, tokens };
  }
  if (open !== null) windows.push([open.start, open.end]);
  return windows;
}

/** Lines, with long ones split by sentence. */
function pieces(text: string, budget: number, count: (text: string) => number): [number, number][] {
  return spansOf(text, text.split("\n")).flatMap(([start, end]) => {
    const line = text.slice(start, end);
    if (count(line) <= budget) return [[start, end] as [number, number]];
    return spansOf(line, sentences(line)).map(([from, to]) => [start + from, start + to] as [number, number]);
  });
}

/** Spans of consecutive parts of a text. Text between two parts belongs to neither. */
function spansOf(text: string, parts: string[]): [number, number][] {
  let at = 0;
  return parts.flatMap((part) => {
    const start = text.indexOf(part, at);
    at = start + part.length;
    return part.trim() === "" ? [] : [[start, at] as [number, number]];
  });
}

/** Number of windows of a passage. */
export function windowCount(passage: StoredPassage): number {
  return passage.windows?.length ?? 1;
}

/** Text of one window; windows are numbered from 0. */
export function windowText(passage: StoredPassage, window: number): string {
  const span = passage.windows?.[window];
  return span === undefined ? passage.text : passage.text.slice(...span);
}

/** Text of one window for embedder and reranker: heading trail, then the window. */
export function windowInput(passage: StoredPassage, window: number): string {
  return passageInput({ heading: passage.heading, text: windowText(passage, window) });
}

/** Text of a passage for the embedder: each window in order. */
export function windowInputs(passage: StoredPassage): string[] {
  return Array.from({ length: windowCount(passage) }, (_, window) => windowInput(passage, window));
}

/** The passage as the engine returns it. */
export function withoutWindows({ windows: _windows, ...passage }: StoredPassage): Passage {
  return passage;
}
