import type { Passage } from "../contracts/passage.ts";
import { bestQuote } from "../core/answering/quote.ts";
import { fenceOf } from "../core/docs/text/code.ts";
import { queryTerms, tokenize } from "../core/retrieval/tokenize.ts";
import { marked } from "./style.ts";
import { widthOf } from "./wrap.ts";

const LINES = 2;
const WORD = /[\p{L}\p{N}]+(?:[-._/:@][\p{L}\p{N}]+)*/gu;

/** Two lines of a passage, from the sentence closest to the question, with the question's words marked. */
export function snippet(question: string, passage: Passage, columns: number): string[] {
  const { quote } = bestQuote(question, passage);
  const from = Math.max(0, passage.text.indexOf(quote));
  const lineStart = passage.text.lastIndexOf("\n", from - 1) + 1;
  const [first, ...others] = passage.text.slice(from).split("\n");
  const inRow = isRow(passage.text.slice(lineStart));
  const words = [...wordsOf(first!, inRow), ...others.flatMap((line) => wordsOf(line, isRow(line)))];
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && widthOf(line) + 1 + widthOf(word) <= columns) lines[lines.length - 1] = `${line} ${word}`;
    else if (lines.length < LINES) lines.push(shortWord(word, columns));
    else return markedLines(question, ended(lines, columns));
  }
  return markedLines(question, lines);
}

/** The words of a line as a reader sees them: fences are not shown, and a bar is a command's pipe except in a table. */
function wordsOf(line: string, inRow: boolean): string[] {
  if (fenceOf(line) !== null) return [];
  const marks = inRow ? /[`|]+/g : /`+/g;
  return line.replace(marks, " ").split(/\s+/).filter(Boolean);
}

/** True for a row of a table. */
function isRow(line: string): boolean {
  return line.trimStart().startsWith("|");
}

/** The lines of a text that goes on: an ellipsis ends the last. */
function ended(lines: string[], columns: number): string[] {
  const last = lines.at(-1)!;
  const room = widthOf(last) + 2 <= columns ? last : last.replace(/\s+\S+$/, "");
  return [...lines.slice(0, -1), `${room} …`];
}

function shortWord(word: string, columns: number): string {
  return widthOf(word) <= columns ? word : `${word.slice(0, columns - 1)}…`;
}

function markedLines(question: string, lines: string[]): string[] {
  const terms = new Set(queryTerms(question));
  return lines.map((line) =>
    line.replace(WORD, (word) => (tokenize(word).some((term) => terms.has(term)) ? marked(word) : word)),
  );
}
