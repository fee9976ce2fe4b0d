import { join } from "node:path";
import type { Passage } from "../../contracts/passage.ts";
import { readJsonLines } from "../base/jsonl.ts";
import type { LinkRecord } from "../docs/links.ts";

/** The corpus as question making sees it. Positions are indices into `passages`. */
export interface TrainingCorpus {
  passages: Passage[];
  links: LinkRecord[];
  /** Positions of a page's passages, in order. */
  byPage: Map<string, number[]>;
  /** Positions of a section's passages, in order, by `sectionKey`. */
  bySection: Map<string, number[]>;
  byId: Map<string, number>;
  /** Pages on which each heading occurs, lower case, leaf of the trail: what stands on many is generic. */
  headingPages: Map<string, Set<string>>;
}

export function sectionKey(passage: Pick<Passage, "page" | "heading">): string {
  return `${passage.page}\n${passage.heading.join("\n")}`;
}

export async function readTrainingCorpus(ingestDir: string): Promise<TrainingCorpus> {
  const passages = await readJsonLines<Passage>(join(ingestDir, "passages.jsonl"));
  return trainingCorpus(passages, await readJsonLines<LinkRecord>(join(ingestDir, "links.jsonl")));
}

export function trainingCorpus(passages: Passage[], links: LinkRecord[]): TrainingCorpus {
  const corpus: TrainingCorpus = {
    passages,
    links,
    byPage: new Map(),
    bySection: new Map(),
    byId: new Map(),
    headingPages: new Map(),
  };
  for (const [position, passage] of passages.entries()) {
    push(corpus.byPage, passage.page, position);
    push(corpus.bySection, sectionKey(passage), position);
    corpus.byId.set(passage.id, position);
    const heading = leafHeading(passage).toLowerCase();
    const pages = corpus.headingPages.get(heading) ?? new Set();
    corpus.headingPages.set(heading, pages.add(passage.page));
  }
  return corpus;
}

/** Last step of the trail: the section's heading, or the page's title where the section has none. */
export function leafHeading(passage: Pick<Passage, "heading">): string {
  return passage.heading.at(-1) ?? "";
}

const SAYS_NOTHING =
  /^(?:what(?:'|’)?s next|see also|objectives?|before you begin|prerequisites?|cleaning up|clean ?up|overview|introduction|summary|feedback|options?|synopsis|usage|notes?|references?|further reading|conclusion|discussion|contents|background|steps?|details|examples?|description|motivation)$/i;
const MANY_PAGES = 4;

/** True when a heading alone does not say what its section is about. */
export function isGenericHeading(corpus: TrainingCorpus, heading: string): boolean {
  const plain = heading
    .replace(/[^\p{L}\p{N}'’ ]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  if (SAYS_NOTHING.test(plain) || plain.length < 3) return true;
  return (corpus.headingPages.get(heading.toLowerCase())?.size ?? 0) >= MANY_PAGES;
}

/** True for headings that make no question even joined with their title. */
export function isEmptyHeading(heading: string): boolean {
  return /what(?:'|’)?s next|see also|objectives?|feedback|contents|further reading/i.test(heading);
}

/** Pages most of whose sections carry headings that other pages have too: generated reference. */
export function generatedPages(corpus: TrainingCorpus): Set<string> {
  const sections = new Map<string, { all: number; repeated: number }>();
  for (const [first] of corpus.bySection.values()) {
    const passage = corpus.passages[first!]!;
    if (passage.heading.length < 2) continue;
    const counts = sections.get(passage.page) ?? { all: 0, repeated: 0 };
    counts.all++;
    if (isRepeated(corpus, leafHeading(passage))) counts.repeated++;
    sections.set(passage.page, counts);
  }
  const generated = [...sections].filter(([, { all, repeated }]) => all >= 2 && repeated > all / 2);
  return new Set(generated.map(([page]) => page));
}

function isRepeated(corpus: TrainingCorpus, heading: string): boolean {
  return (corpus.headingPages.get(heading.toLowerCase())?.size ?? 0) >= MANY_PAGES;
}

function push(map: Map<string, number[]>, key: string, position: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [position]);
  else list.push(position);
}
