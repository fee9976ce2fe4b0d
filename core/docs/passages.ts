import { createHash } from "node:crypto";
import { onOneLine, withoutControls } from "../base/controls.ts";
import { languageOf } from "./formats/index.ts";
import type { PlacedLink } from "./links.ts";
import { packUnits } from "./pack.ts";
import type { Page } from "./page.ts";
import { type Section, sectionsOf } from "./sections.ts";
import type { Site } from "./site.ts";
import type { Unit } from "./units.ts";
import { type StoredPassage, windowsOf } from "./windows.ts";

/** A heading trail may take at most this share of a passage. */
const MAX_TRAIL_SHARE = 0.5;

/** Sizes in wordpieces, heading trail included. */
export interface PassageSizes {
  passage: number;
  window: number;
}

/** The passages of one page, with the links in each. `body` is its text after expansion. */
export function passagesOf(
  page: Page,
  site: Site,
  count: (text: string) => number,
  sizes: PassageSizes,
  body = site.expand(page),
) {
  const language = languageOf(page.path);
  const sections = sectionsOf(page, language.parse(body), site.anchorStyle).map(withoutControlsIn);
  const passages: StoredPassage[] = [];
  const links: PlacedLink[] = [];
  const url = site.urlOf(page);
  const made = new Map<string, number>();
  for (const section of sections) {
    const heading = fittingTrail(section.heading, sizes.window, count);
    const trail = count(heading.join(" > "));
    const units = heading === section.heading ? section.units : [wholeTrail(section), ...section.units];
    // Two sections may have the same trail, such as "Examples" without an anchor.
    const place = JSON.stringify([section.anchor, section.heading]);
    for (const piece of packUnits(units, sizes.passage - trail, count)) {
      const position = made.get(place) ?? 0;
      made.set(place, position + 1);
      const id = passageId(page, section, position);
      const address = section.anchor && language.fragments !== false ? `${url}#${section.anchor}` : url;
      const passage = { id, page: page.path, heading, url: address, lines: piece.lines, text: piece.text };
      const windows = windowsOf(piece.text, sizes.window - trail, count);
      passages.push(windows.length > 1 ? { ...passage, windows } : passage);
      for (const link of piece.links) links.push({ ...link, page, heading, passageId: id, text: piece.text });
    }
  }
  return { passages, links, sections };
}

/** `&#x1b;` in a page, or an escape in its front matter, is a control character only once it is parsed. */
function withoutControlsIn(section: Section): Section {
  const units = section.units.map((unit) => ({ ...unit, text: withoutControls(unit.text) }));
  return { ...section, heading: section.heading.map(onOneLine), units };
}

/** The heading trail, without its middle steps if it would leave too little room for text. */
function fittingTrail(heading: string[], maxTokens: number, count: (text: string) => number): string[] {
  const fits = (trail: string[]) => count(trail.join(" > ")) <= maxTokens * MAX_TRAIL_SHARE;
  if (fits(heading)) return heading;
  const ends = heading.length > 1 ? [heading[0]!, heading.at(-1)!] : heading;
  if (fits(ends)) return ends;
  const share = Math.floor((maxTokens * MAX_TRAIL_SHARE) / ends.length) - 1;
  return ends.map((step) => step.slice(0, Math.max(1, share)));
}

/** Puts the whole trail into the text if the trail was shortened. */
function wholeTrail({ heading, lines }: Section): Unit {
  return { kind: "prose", text: heading.join(" > "), lines, links: [] };
}

function passageId(page: Page, section: Section, position: number): string {
  const key = [page.path, section.anchor, ...section.heading, position].join("\0");
  return createHash("sha256").update(key).digest("hex").slice(0, 16);
}
