import type { Passage } from "../../contracts/passage.ts";
import { groupBy } from "../base/groupBy.ts";
import { percentDecoded } from "../base/percentDecoded.ts";
import { cleanHeading, cleanWords } from "./cleanText.ts";
import type { GradedRank } from "./metrics.ts";
import type { Judgment, Question } from "./question.ts";

/** A judgment resolved against one corpus version. */
export interface ResolvedJudgment {
  grade: 1 | 2;
  /** Corpus positions of the passages that hold the evidence. Empty if the evidence is split between passages. */
  holders: ReadonlySet<number>;
}

export interface ResolvedQuestion {
  /** Judgments whose evidence is in this corpus version. */
  judgments: ResolvedJudgment[];
  /** Judgments whose page, section or evidence is gone. */
  gone: number;
  /** True if the question had judgments but none that answers it is left. It is excluded and counted. */
  stale: boolean;
}

/** Decides which passages of one corpus version satisfy which judgments (docs/evaluation.md#relevance). */
export interface Judge {
  resolve(question: Question): ResolvedQuestion;
  /** The part of a judgment that this corpus version lacks, or null. */
  lacks(judgment: Judgment): "page" | "section" | "evidence" | null;
}

interface CleanPage {
  positions: readonly number[];
  /** Clean text of each passage, words joined and framed by single spaces. */
  texts: string[];
  /** Clean heading trail of each passage. */
  trails: string[][];
  /** Fragment of each passage's URL, without `#`. */
  anchors: string[];
}

/** The passages of a corpus that judgments may name. */
export interface JudgedPassages {
  at(position: number): Passage;
  /** Positions of a page's passages, in order; none for an unknown page. */
  onPage(page: string): readonly number[];
}

/** Creates a judge. A page is cleaned once, when the first judgment names it. */
export function createJudge(given: readonly Passage[] | JudgedPassages): Judge {
  const passages = "onPage" in given ? given : inMemory(given);
  const pages = new Map<string, CleanPage>();
  const pageAt = (path: string): CleanPage | null => {
    const at = passages.onPage(path);
    if (at.length === 0) return null;
    const cleaned = pages.get(path) ?? cleanPage(passages, at);
    pages.set(path, cleaned);
    return cleaned;
  };
  return {
    resolve: (question) => resolveQuestion(question, pageAt),
    lacks(judgment) {
      const page = pageAt(judgment.path);
      if (!page) return "page";
      if (resolveJudgment(judgment, page) !== null) return null;
      return cleanWords(judgment.evidence ?? "").length > 0 ? "evidence" : "section";
    },
  };
}

/**
 * Rank of the first passage that satisfies each judgment. Each judgment counts once.
 * @param ranking corpus positions of passages, best first
 */
export function rankJudgments(judgments: readonly ResolvedJudgment[], ranking: readonly number[]): GradedRank[] {
  return judgments.map(({ grade, holders }) => {
    const index = ranking.findIndex((position) => holders.has(position));
    return { grade, rank: index < 0 ? null : index + 1 };
  });
}

/** True when the passage at `position` satisfies any of the judgments. */
export function isRelevant(judgments: readonly ResolvedJudgment[], position: number): boolean {
  return judgments.some(({ holders }) => holders.has(position));
}

function resolveQuestion(question: Question, pageAt: (path: string) => CleanPage | null): ResolvedQuestion {
  const resolved = question.relevant.map((judgment) => ({
    judgment,
    holders: resolveJudgment(judgment, pageAt(judgment.path)),
  }));
  const live = resolved.filter(({ holders }) => holders !== null);
  const evidenced = resolved.filter(({ judgment }) => judgment.evidence);
  const evidenceGone = evidenced.length > 0 && evidenced.every(({ holders }) => holders === null);
  return {
    judgments: live.map(({ judgment, holders }) => ({ grade: judgment.grade, holders: holders! })),
    gone: resolved.length - live.length,
    stale: resolved.length > 0 && (live.length === 0 || evidenceGone),
  };
}

/** Passages that satisfy a judgment, or `null` if its target is gone from this corpus version. */
function resolveJudgment(judgment: Judgment, page: CleanPage | null): Set<number> | null {
  if (!page) return null;
  const words = cleanWords(judgment.evidence ?? "");
  const found =
    words.length > 0
      ? page.texts.flatMap((text, i) => (holdsEvidence(text, words) ? [i] : []))
      : judgment.anchor !== undefined
        ? page.anchors.flatMap((anchor, i) => (anchor === judgment.anchor ? [i] : []))
        : sectionPassages(page, cleanHeading(judgment.heading));
  if (found.length > 0) return new Set(found.map((i) => page.positions[i]!));
  const cutApart = words.length > 0 && holdsEvidence(page.texts.join("").replace(/ {2}/g, " "), words);
  return cutApart ? new Set() : null;
}

/**
 * True if the text contains a run of at least 60 % of the evidence's words, and of at least four.
 * @param text clean words, joined and framed by single spaces
 */
export function holdsEvidence(text: string, words: string[]): boolean {
  const run = Math.min(words.length, Math.max(4, Math.ceil(0.6 * words.length - 1e-9)));
  for (let start = 0; start + run <= words.length; start++)
    if (text.includes(` ${words.slice(start, start + run).join(" ")} `)) return true;
  return false;
}

/**
 * Passages directly under the heading, or those of its subsections if it has none. An empty heading means the whole
 * page.
 */
function sectionPassages(page: CleanPage, heading: string): number[] {
  const all = page.trails.map((_, i) => i);
  if (heading === "") return all;
  const own = all.filter((i) => page.trails[i]!.at(-1) === heading);
  return own.length > 0 ? own : all.filter((i) => page.trails[i]!.includes(heading));
}

function inMemory(passages: readonly Passage[]): JudgedPassages {
  const pages = groupBy(passages.keys(), (position) => passages[position]!.page);
  return { at: (position) => passages[position]!, onPage: (page) => pages.get(page) ?? [] };
}

function cleanPage(passages: JudgedPassages, positions: readonly number[]): CleanPage {
  const all = positions.map((position) => passages.at(position));
  return {
    positions,
    texts: all.map(({ text }) => ` ${cleanWords(text).join(" ")} `),
    trails: all.map(({ heading }) => heading.map(cleanHeading)),
    anchors: all.map(({ url }) => percentDecoded(url.split("#")[1] ?? "")),
  };
}
