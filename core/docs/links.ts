import { sentences } from "./pack.ts";
import type { Page } from "./page.ts";
import type { Site } from "./site.ts";

/** A link with its place in the docs. */
export interface PlacedLink {
  page: Page;
  heading: string[];
  passageId: string;
  /** Text of the passage. */
  text: string;
  anchor: string;
  url: string;
}

/** An anchor in its sentence, and the section of the corpus it points at. */
export interface LinkRecord {
  page: string;
  heading: string[];
  passageId: string;
  sentence: string;
  anchor: string;
  targetPage: string;
  targetHeading: string | null;
  targetAnchor: string | null;
}

/** Links inside the corpus, with their sentences. `headings` maps `page#anchor` to a heading. */
export function linkRecords(links: PlacedLink[], site: Site, headings: Map<string, string>): LinkRecord[] {
  return links.flatMap(({ page, heading, passageId, text, anchor, url }) => {
    const target = anchor === "" ? null : site.resolve(page, url);
    if (!target) return [];
    const targetHeading = target.anchor ? (headings.get(`${target.page.path}#${target.anchor}`) ?? null) : null;
    if (target.page === page && targetHeading === null) return [];
    return [
      {
        page: page.path,
        heading,
        passageId,
        sentence: sentenceWith(text, anchor),
        anchor,
        targetPage: target.page.path,
        targetHeading,
        targetAnchor: target.anchor,
      },
    ];
  });
}

function sentenceWith(text: string, anchor: string): string {
  const line = text.split("\n").find((candidate) => candidate.includes(anchor)) ?? text;
  return sentences(line).find((sentence) => sentence.includes(anchor)) ?? line;
}
