import type { Passage } from "../../../contracts/passage.ts";

/** A passage on a page of its own, for tests of citations. */
export function citedPassage(n: number, text: string): Passage {
  return {
    id: `p${n}`,
    page: `page${n}.md`,
    heading: [`Page ${n}`],
    url: `https://docs.example/page${n}/#section`,
    lines: [n, n + 3],
    text,
  };
}
