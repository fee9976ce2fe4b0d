import type { Targets } from "./phrasing.ts";

/** What a page needs of the rest of the docs. */
export interface Surroundings {
  title: string;
  /** Attributes that the page does not set itself; null for one that is unset. */
  attributes: Record<string, string | null>;
  targets: Targets;
}

/** A page's text with the included lines in it. */
export interface OpenBody extends Surroundings {
  lines: string[];
  /** Line of the page that each line comes from, 1-based. */
  pageLines: number[];
}

/** Private-use characters: one starts a line that stands for several, one separates them, one encloses surroundings. */
const [SEVERAL, BREAK, AROUND] = ["\u{e010}", "\u{e011}", "\u{e012}"];
const OWN = /[\ue010-\ue013]/g;

/**
 * A body whose lines stand for several where text is included, with its surroundings on the first line. It has as many
 * lines as the page.
 */
export function closedBody(lines: readonly (string | string[])[], around: Surroundings): string {
  const plain = (line: string) => line.replace(OWN, "\ufffd");
  const shown = lines.map((line) => (typeof line === "string" ? plain(line) : SEVERAL + line.map(plain).join(BREAK)));
  return `${AROUND}${JSON.stringify(around).replace(OWN, "\ufffd")}${AROUND}${shown.join("\n")}`;
}

/** The lines of a body, whether it was expanded or not. */
export function openBody(body: string): OpenBody {
  const end = body.startsWith(AROUND) ? body.indexOf(AROUND, 1) : -1;
  const around: Surroundings = end > 0 ? JSON.parse(body.slice(1, end)) : { title: "", attributes: {}, targets: {} };
  const own = body.slice(end + 1).split("\n");
  const lines: string[] = [];
  const pageLines: number[] = [];
  for (const [at, line] of own.entries())
    for (const one of line.startsWith(SEVERAL) ? line.slice(1).split(BREAK) : [line]) {
      lines.push(one);
      pageLines.push(at + 1);
    }
  return { ...around, lines, pageLines };
}
