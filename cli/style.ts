import { CONTROLS } from "../core/base/controls.ts";

/**
 * Styled text carries marks until it is printed: Unicode noncharacters, which text in use does not contain. `printable`
 * turns them into escape sequences or removes them, so that no renderer needs to know whether its output has colour.
 */
const MARKS = {
  "\uFDD0": "\x1b[0m",
  "\uFDD1": "\x1b[1m",
  "\uFDD2": "\x1b[2m",
  "\uFDD3": "\x1b[32m",
  "\uFDD4": "\x1b[33m",
  "\uFDD5": "\x1b[31m",
  "\uFDD6": "\x1b[36m",
  "\uFDD7": "\x1b[1;33m",
} as const;
const END = "\uFDD0";

/** Continuation lines of a wrapped line begin below this mark. */
export const HANG = "\uFDDE";
/** A line with this mark is printed as it is, because folding would change a command or code. */
const VERBATIM = "\uFDDF";

const ANY_MARK = /[\uFDD0-\uFDEF]/g;

function styled(mark: keyof typeof MARKS): (text: string) => string {
  return (text) => (text === "" ? "" : `${mark}${text}${END}`);
}

export const bold = styled("\uFDD1");
export const dim = styled("\uFDD2");
export const green = styled("\uFDD3");
export const yellow = styled("\uFDD4");
export const red = styled("\uFDD5");
/** Addresses and paths. */
export const cyan = styled("\uFDD6");
/** The words of a passage that match the question. */
export const marked = styled("\uFDD7");

/** Code or a command, of which no line is folded. */
export function verbatim(text: string): string {
  return text
    .split("\n")
    .map((line) => `${VERBATIM}${line}`)
    .join("\n");
}

export function isVerbatim(line: string): boolean {
  return line.includes(VERBATIM);
}

/** The text without marks. */
export function unmarked(text: string): string {
  return text.replace(ANY_MARK, "");
}

/** The text as it is written to a stream. Control characters of docs and answers are replaced. */
export function printable(text: string, colour: boolean): string {
  const clean = text.replaceAll("\r\n", "\n").replace(CONTROLS, "\uFFFD");
  return clean.replace(ANY_MARK, (mark) => (colour ? (MARKS[mark as keyof typeof MARKS] ?? "") : ""));
}
