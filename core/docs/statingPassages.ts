import type { Passage } from "../../contracts/passage.ts";
import { groupBy } from "../base/groupBy.ts";
import { statementIn } from "./versionStatement.ts";

/** The passages of a release that state versions or stages. */
export interface StatingPassages {
  /** The first of each page whose title is among the words, in the order of the docs. */
  named(words: readonly string[]): Promise<Passage[]>;
  /** Those of the pages, in the order of the docs. */
  onPages(pages: readonly string[]): Promise<Passage[]>;
}

/** Those among passages. Keeps them and none of the others. */
export function statingPassages(passages: Iterable<Passage>): StatingPassages {
  const stating: Passage[] = [];
  for (const passage of passages) if (statementIn(passage.text) !== null) stating.push(passage);
  const byPage = groupBy(stating, ({ page }) => page);
  return {
    async named(words) {
      const wanted = new Set(words);
      return Array.from(byPage.values(), ([first]) => first!).filter(({ heading }) => wanted.has(heading[0] ?? ""));
    },
    onPages: async (pages) => pages.flatMap((page) => byPage.get(page) ?? []),
  };
}
