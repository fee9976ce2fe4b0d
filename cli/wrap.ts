import { HANG, isVerbatim, unmarked } from "./style.ts";

/** Leading blanks, with the sign of a list item, citation or stage. */
const LEAD = /^\s*(?:(?:[-*+·•→✔○✘–?>]|\[[\d?]+\]|\d+[.)])\s+)*/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const NO_WIDTH = /[\p{Mark}\u200b-\u200d\ufeff]/u;
const TAB = 8;

/** Columns that a text takes on a terminal; marks of style take none. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of unmarked(text)) {
    if (character === "\t") width += TAB;
    else if (WIDE.test(character)) width += 2;
    else if (!NO_WIDTH.test(character)) width += 1;
  }
  return width;
}

/**
 * Folds each line at words. Continuation lines begin below the text after the line's sign, or below its HANG mark. A word
 * longer than the line, such as an address, stays whole, and so does every verbatim line.
 */
export function wrap(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => (isVerbatim(line) || widthOf(line) <= columns ? [line] : folded(line, columns)))
    .join("\n");
}

function folded(line: string, columns: number): string[] {
  const lead = leadOf(line);
  const hang = Math.min(widthOf(lead), Math.floor(columns / 2));
  const lines: string[] = [];
  let current = lead;
  let empty = true;
  for (const [word] of line.slice(lead.length).matchAll(/\s*\S+/g)) {
    const next = empty ? word.trimStart() : word;
    if (!empty && widthOf(current) + widthOf(next) > columns) {
      lines.push(current);
      current = " ".repeat(hang) + word.trimStart();
    } else current += next;
    empty = false;
  }
  return [...lines, current];
}

function leadOf(line: string): string {
  const at = line.indexOf(HANG);
  return at >= 0 ? line.slice(0, at + 1) : LEAD.exec(line)![0];
}

/** The start of a text that fits, cut between words and with an ellipsis. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = "";
  for (const [word] of text.matchAll(/\s*\S+/g)) {
    if (widthOf(kept) + widthOf(word) + 2 > columns) break;
    kept += word;
  }
  return `${kept} …`.trimStart();
}
