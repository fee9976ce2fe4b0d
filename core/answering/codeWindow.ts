import { tokenize } from "../retrieval/tokenize.ts";

/** Lines `first` to `last` of a code block, 0-based, both included. */
export interface CodeWindow {
  first: number;
  last: number;
}

const MAX_LINES = 8;
const MAX_CHARACTERS = 600;
/** Lines shown above the best line, where they fit. */
const ABOVE = 2;
const PROMPT = /^\s*(?:[$%>❯]|PS [^>]*>|\w+@[\w.-]+[:~$#]+)\s+\S/;
/** A word and its arguments, without the signs of configuration, logs and column headings. */
const COMMAND = /^\s*(?:sudo )?[a-z][a-z0-9_.-]*(?: +[\w"'$<>{}[\]./:=@,*~^|&;()%+-]+)+ *\\?$/;
const NOT_COMMAND = /^\s*(?:[\w.-]+:(?:\s|$)|\d{4}-\d\d)|[;{]$|\s{3,}\S+\s{3,}/;
const COMMAND_BONUS = 0.75;

/** True for a line that a person types into a shell. */
export function isCommandLine(line: string): boolean {
  return PROMPT.test(line) || (COMMAND.test(line) && !NOT_COMMAND.test(line));
}

/** At most eight lines of a code block, around the line that shares most with the terms. Short blocks stay whole. */
export function codeWindow(lines: readonly string[], terms: ReadonlySet<string>): CodeWindow {
  const whole = { first: 0, last: lines.length - 1 };
  if (fits(lines, whole)) return whole;
  const best = bestLine(lines, terms);
  const first = best < MAX_LINES && fits(lines, { first: 0, last: best }) ? 0 : Math.max(0, best - ABOVE);
  return withoutBlankEnds(lines, filled(lines, startOfCommand(lines, first, best), best));
}

function fits(lines: readonly string[], { first, last }: CodeWindow): boolean {
  return last - first < MAX_LINES && lines.slice(first, last + 1).join("\n").length <= MAX_CHARACTERS;
}

/** The first line with the highest score: a point for each term, less for a line without any command. */
function bestLine(lines: readonly string[], terms: ReadonlySet<string>): number {
  const scores = lines.map((line) => {
    const shared = new Set(tokenize(line).filter((term) => terms.has(term))).size;
    return shared + (isCommandLine(line) ? COMMAND_BONUS : 0);
  });
  return scores.indexOf(Math.max(...scores));
}

/** The window does not begin inside a command that goes on over several lines. */
function startOfCommand(lines: readonly string[], from: number, best: number): number {
  let first = from;
  while (first > 0 && lines[first - 1]!.trimEnd().endsWith("\\") && best - first < MAX_LINES - 1) first--;
  return first;
}

function filled(lines: readonly string[], from: number, best: number): CodeWindow {
  let first = from;
  while (first < best && !fits(lines, { first, last: best })) first++;
  let last = best;
  while (last + 1 < lines.length && fits(lines, { first, last: last + 1 })) last++;
  return { first, last };
}

function withoutBlankEnds(lines: readonly string[], { first, last }: CodeWindow): CodeWindow {
  let [from, to] = [first, last];
  while (from < to && lines[from]!.trim() === "") from++;
  while (to > from && lines[to]!.trim() === "") to--;
  return { first: from, last: to };
}
