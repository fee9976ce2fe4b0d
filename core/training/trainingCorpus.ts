import type { Passage } from "../../contracts/passage.ts";
import { PassagePlaces } from "../artifacts/passagePlaces.ts";
import { readLinks } from "../artifacts/passages.ts";
import { type PassageList, PassagesOnDisk } from "../artifacts/passagesOnDisk.ts";
import { addTo } from "../base/groupBy.ts";
import type { LinkRecord } from "../docs/links.ts";

/** The corpus for making questions. Positions are indices into `passages`. */
export interface TrainingCorpus {
  passages: PassageList;
  links: LinkRecord[];
  /** Positions of a page's passages, in order. */
  byPage: Map<string, number[]>;
  /** Positions of a section's passages, in order, by `sectionKey`. */
  bySection: Map<string, number[]>;
  byId: Map<string, number>;
  /** Page and headings of each passage, which need no look into its file. Passages of a section share one. */
  sections: readonly Section[];
  /** Pages that contain each leaf heading, in lower case. A heading on many pages is generic. */
  headingPages: Map<string, Set<string>>;
}

/** A section: its page, and the trail of its headings. */
export type Section = Pick<Passage, "page" | "heading">;

export function sectionKey(passage: Section): string {
  return `${passage.page}\n${passage.heading.join("\n")}`;
}

/** Opens the corpus of an ingest artifact. Passages stay in their file. Throws `CorruptArtifact`. */
export async function openTrainingCorpus(ingestDir: string): Promise<TrainingCorpus & { close(): void }> {
  const places = new Places();
  const links = await readLinks(ingestDir);
  const passages = await PassagesOnDisk.open(ingestDir, (passage, position) => places.add(passage, position));
  return { ...places, passages, links, close: () => passages.close() };
}

export function trainingCorpus(passages: PassageList, links: LinkRecord[]): TrainingCorpus {
  const places = new Places();
  for (const [position, passage] of passages.entries()) places.add(passage, position);
  return { ...places, passages, links };
}

/** Where passages are, by page, section, id and heading. */
class Places extends PassagePlaces implements Omit<TrainingCorpus, "passages" | "links"> {
  readonly bySection = new Map<string, number[]>();
  readonly headingPages = new Map<string, Set<string>>();
  readonly sections: Section[] = [];

  override add(passage: Passage, position: number): void {
    super.add(passage, position);
    const key = sectionKey(passage);
    const first = this.bySection.get(key)?.[0];
    addTo(this.bySection, key, position);
    this.sections[position] =
      first === undefined ? { page: passage.page, heading: passage.heading } : this.sections[first]!;
    const heading = leafHeading(passage).toLowerCase();
    const pages = this.headingPages.get(heading) ?? new Set();
    this.headingPages.set(heading, pages.add(passage.page));
  }
}

/** Last step of the trail: the section's heading, or the page's title if the section has none. */
export function leafHeading(passage: Pick<Passage, "heading">): string {
  return passage.heading.at(-1) ?? "";
}

const SAYS_NOTHING =
  /^(?:what(?:'|’)?s next|see also|objectives?|before you begin|prerequisites?|cleaning up|clean ?up|overview|introduction|summary|feedback|options?|synopsis|usage|notes?|references?|further reading|conclusion|discussion|contents|background|steps?|details|examples?|description|motivation)$/i;
const MANY_PAGES = 4;

/** True if a heading alone does not identify the topic of its section. */
export function isGenericHeading(corpus: TrainingCorpus, heading: string): boolean {
  const plain = heading
    .replace(/[^\p{L}\p{N}'’ ]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  if (SAYS_NOTHING.test(plain) || plain.length < 3) return true;
  return (corpus.headingPages.get(heading.toLowerCase())?.size ?? 0) >= MANY_PAGES;
}

/** True for headings that make no question even when joined with their title. */
export function isEmptyHeading(heading: string): boolean {
  return /what(?:'|’)?s next|see also|objectives?|feedback|contents|further reading/i.test(heading);
}

/** Pages of generated reference: most of their section headings also occur on other pages. */
export function generatedPages(corpus: TrainingCorpus): Set<string> {
  const sections = new Map<string, { all: number; repeated: number }>();
  for (const [first] of corpus.bySection.values()) {
    const section = corpus.sections[first!]!;
    if (section.heading.length < 2) continue;
    const counts = sections.get(section.page) ?? { all: 0, repeated: 0 };
    counts.all++;
    if (isRepeated(corpus, leafHeading(section))) counts.repeated++;
    sections.set(section.page, counts);
  }
  const generated = [...sections].filter(([, { all, repeated }]) => all >= 2 && repeated > all / 2);
  return new Set(generated.map(([page]) => page));
}

function isRepeated(corpus: TrainingCorpus, heading: string): boolean {
  return (corpus.headingPages.get(heading.toLowerCase())?.size ?? 0) >= MANY_PAGES;
}
