import type { Passage } from "../../contracts/passage.ts";
import { LIST_MARKER, sentencesIn } from "../docs/text/textUnits.ts";
import { stateOf } from "./featureState.ts";

/** Changes of a section about a topic between two versions of the docs. */
export interface SectionChange {
  page: string;
  /** The page's path in the older version, if it moved. */
  movedFrom: string | null;
  heading: string[];
  /** Address in the newer version, otherwise in the older one. */
  url: string;
  change: "added" | "removed" | "changed" | "same";
  /** Sentences, code lines and rows that only one version has, in order. */
  removed: string[];
  added: string[];
  /** Version or stage that the section states, such as "FEATURE STATE: v1.30 [beta]"; null if it states none. */
  state: { from: string | null; to: string | null };
}

interface Section {
  /** Path in its own version. */
  page: string;
  heading: string[];
  url: string;
  lines: string[];
}

/**
 * Compares two versions of the docs in the sections that either version's search found. Two sections match if page and
 * heading trail are equal. A page in only one version matches the page with the same title that is only in the other.
 * Order: as found in the newer version, then sections that only the older one has.
 *
 * @param from,to all passages of each version, in order
 * @param found ids of the passages found, best first
 */
export function compareSections(
  from: readonly Passage[],
  to: readonly Passage[],
  found: { from: readonly string[]; to: readonly string[] },
): SectionChange[] {
  const moves = movedPages(from, to);
  const olderKey = (passage: Passage) => keyOf(moves.get(passage.page) ?? passage.page, passage.heading);
  const newerKey = (passage: Passage) => keyOf(passage.page, passage.heading);
  const keys = [...new Set([...keysOf(to, found.to, newerKey), ...keysOf(from, found.from, olderKey)])];
  const older = sectionsOf(from, new Set(keys), olderKey);
  const newer = sectionsOf(to, new Set(keys), newerKey);
  return keys.map((key) => changeOf(older.get(key), newer.get(key)));
}

function changeOf(older: Section | undefined, newer: Section | undefined): SectionChange {
  const { page, heading, url } = (newer ?? older)!;
  const removed = without(older?.lines ?? [], newer?.lines ?? []);
  const added = without(newer?.lines ?? [], older?.lines ?? []);
  const same = removed.length + added.length === 0;
  const change = older === undefined ? "added" : newer === undefined ? "removed" : same ? "same" : "changed";
  const state = { from: stateOf(older?.lines ?? []), to: stateOf(newer?.lines ?? []) };
  const movedFrom = older !== undefined && newer !== undefined && older.page !== newer.page ? older.page : null;
  return { page, movedFrom, heading, url, change, removed, added, state };
}

/** Newer paths of pages by their older ones, if the title identifies them uniquely. */
function movedPages(from: readonly Passage[], to: readonly Passage[]): Map<string, string> {
  const gone = pagesByTitle(from, new Set(to.map(({ page }) => page)));
  const come = pagesByTitle(to, new Set(from.map(({ page }) => page)));
  const moves = new Map<string, string>();
  for (const [title, pages] of gone) {
    const [here, another] = [...(come.get(title) ?? [])];
    if (pages.size === 1 && here !== undefined && another === undefined) moves.set([...pages][0]!, here);
  }
  return moves;
}

function pagesByTitle(passages: readonly Passage[], except: ReadonlySet<string>): Map<string, Set<string>> {
  const pages = new Map<string, Set<string>>();
  for (const { page, heading } of passages) {
    if (except.has(page)) continue;
    const title = heading[0] ?? "";
    pages.set(title, (pages.get(title) ?? new Set()).add(page));
  }
  return pages;
}

function keysOf(passages: readonly Passage[], ids: readonly string[], key: (passage: Passage) => string): string[] {
  const byId = new Map(passages.map((passage) => [passage.id, passage]));
  return ids.flatMap((id) => {
    const passage = byId.get(id);
    return passage === undefined ? [] : [key(passage)];
  });
}

function keyOf(page: string, heading: string[]): string {
  return JSON.stringify([page, heading]);
}

/** The wanted sections, joined from their passages. Text that passages repeat appears once. */
function sectionsOf(
  passages: readonly Passage[],
  wanted: ReadonlySet<string>,
  keyOfPassage: (passage: Passage) => string,
): Map<string, Section> {
  const sections = new Map<string, Section>();
  for (const passage of passages) {
    const key = keyOfPassage(passage);
    if (!wanted.has(key)) continue;
    const { page, heading, url } = passage;
    const section = sections.get(key) ?? { page, heading, url, lines: [] };
    const known = new Set(section.lines.map(normal));
    section.lines.push(...statements(passage.text).filter((line) => !known.has(normal(line))));
    sections.set(key, section);
  }
  return sections;
}

/** Sentences of prose, lines of code and rows, without fences. */
function statements(text: string): string[] {
  const lines: string[] = [];
  let fenced = false;
  for (const line of text.split("\n")) {
    if (/^\s*(?:```|~~~)/.test(line)) fenced = !fenced;
    else if (line.trim() === "") continue;
    else if (fenced || line.includes(" | ")) lines.push(line.trimEnd());
    else lines.push(...sentencesOf(line));
  }
  return lines;
}

/** Splits a line into sentences. The first keeps the item's marker. */
function sentencesOf(line: string): string[] {
  const marker = LIST_MARKER.exec(line)?.[0] ?? "";
  const [first, ...others] = sentencesIn(line.slice(marker.length));
  return [`${marker}${first ?? ""}`, ...others];
}

function without(lines: string[], others: string[]): string[] {
  const known = new Set(others.map(normal));
  return lines.filter((line) => !known.has(normal(line)));
}

/** Ignores markup, list markers, case and white space, which are not changes. */
function normal(line: string): string {
  return line.replace(LIST_MARKER, "").replace(/[`*]/g, "").replace(/\s+/g, " ").trim().toLowerCase();
}
