import type { Citation, UnsupportedSentence } from "../../contracts/ask.ts";
import type { Passage } from "../../contracts/passage.ts";
import { passageInput } from "../docs/passageText.ts";
import { mapProse } from "../docs/text/code.ts";
import { textUnits } from "../docs/text/textUnits.ts";
import { bestQuote } from "./quote.ts";
import { doubtAbout, doubtAboutCode, isAboutPassages, MIN_SUPPORT } from "./support.ts";
import { coverage } from "./wordOverlap.ts";

export interface CheckedAnswer {
  /**
   * The answer with markers renumbered to `citations`, invalid markers and foreign links removed, and doubtful claims
   * marked `[?]`.
   */
  text: string;
  /** `[n]` in the text is `citations[n - 1]`. */
  citations: Citation[];
  /** Sentences and code that no cited passage supports, each with the reason. */
  unsupported: UnsupportedSentence[];
  /** Markers that refer to none of the given passages. */
  invalidMarkers: string[];
  /** Share of the answer's content words that the cited passages contain, 0..1. */
  support: number;
}

const MARKER = /[ \t]*[[【](\d{1,3}(?:\s*[,;]\s*\d{1,3})*)[\]】](?!\()/g;
const MARKERS_AFTER_STOP = /([.!?])((?:[ \t]*[[【]\d{1,3}(?:\s*[,;]\s*\d{1,3})*[\]】])+)(?=\s|$)/g;
const DOUBT = "[?]";

/**
 * Checks an LLM's answer against its passages. Every `[n]` must be one of them, every sentence must be supported by its
 * citations (support.ts), and every line of code must be in a passage. A sentence without a marker gets one if a
 * passage supports it. An unsupported sentence is marked `[?]`.
 */
export function checkAnswer(reply: string, passages: Passage[]): CheckedAnswer {
  const invalidMarkers: string[] = [];
  const unsupported: UnsupportedSentence[] = [];
  const order: number[] = [];
  const claims = new Map<number, string>();
  const number = (index: number, claim: string) => {
    if (!order.includes(index)) order.push(index);
    claims.set(index, `${claims.get(index) ?? ""} ${claim}`);
    return `[${order.indexOf(index) + 1}]`;
  };
  const doubt = (sentence: string, reason: string | null) => {
    if (reason !== null) unsupported.push({ sentence, reason });
    return reason === null ? "" : DOUBT;
  };
  const text = mapSentences(mapProse(reply, markersBeforeStops), (sentence, isCode) => {
    if (isCode) {
      doubt(sentence, doubtAboutCode(sentence, passages));
      return sentence;
    }
    const { cited, invalid, bare } = readMarkers(sentence, passages.length);
    invalidMarkers.push(...invalid);
    if (bare === "" || isAboutPassages(bare)) return bare;
    const sources = cited.length > 0 ? cited : supporting(bare, passages);
    const markers = sources.map((index) => number(index, bare)).join("");
    const reason = doubtAbout(
      bare,
      sources.map((index) => passages[index]!),
    );
    return withMarkers(bare, markers + doubt(bare, reason));
  });
  const citations = order.map((index) => bestQuote(claims.get(index)!, passages[index]!));
  const allowed = order.map((index) => passages[index]!.url);
  const support = coverage(withoutMarkers(reply), textOf(order, passages));
  return { text: stripForeignLinks(text, allowed), citations, unsupported, invalidMarkers, support };
}

/** Removes links, images and HTML tags outside code, except links to the `allowed` addresses. */
export function stripForeignLinks(text: string, allowed: string[]): string {
  const pages = new Set(allowed.flatMap((url) => [url, url.split("#")[0]!]));
  return mapProse(text, (prose) => strippedProse(prose, pages));
}

function strippedProse(prose: string, pages: Set<string>): string {
  return prose
    .replace(/!\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/\[([^\]]*)\]\(\s*<?([^)>\s]*)>?[^)]*\)/g, (link, label, url) => (pages.has(url) ? link : label))
    .replace(/^\s*\[[^\]]+\]:\s*\S.*$/gm, "")
    .replace(/<\/?[a-z][^>]*>/gi, (tag) => (pages.has(tag.slice(1, -1)) ? tag : ""))
    .replace(/\b(?:(?:https?|ftp|file|data|javascript):|www\.)[^\s<>)\]]+/gi, (url) =>
      pages.has(url.replace(/[.,;:!?]+$/, "")) ? url : "(link removed)",
    );
}

/** Rewrites each sentence and code block, and leaves the text between them. */
function mapSentences(text: string, rewrite: (sentence: string, isCode: boolean) => string): string {
  let out = "";
  let at = 0;
  for (const unit of textUnits(text)) {
    out += text.slice(at, unit.start) + rewrite(unit.text, unit.kind === "code");
    at = unit.end;
  }
  return out + text.slice(at);
}

/**
 * "Do this. [1] Then that." becomes "Do this [1]. Then that.": a marker after a full stop belongs to the sentence
 * before it.
 */
function markersBeforeStops(prose: string): string {
  return prose.replace(MARKERS_AFTER_STOP, (_, stop: string, markers: string) => ` ${markers.trim()}${stop}`);
}

function readMarkers(sentence: string, count: number) {
  const cited: number[] = [];
  const invalid: string[] = [];
  const read = (marker: string, list: string) => {
    for (const item of list.split(/[,;]/)) {
      const index = Number(item) - 1;
      if (index < 0 || index >= count) invalid.push(marker.trim());
      else if (!cited.includes(index)) cited.push(index);
    }
    return "";
  };
  const bare = mapProse(sentence, (prose) => prose.replace(MARKER, read).replace(/[ \t]+([.,;:!?])/g, "$1"));
  return { cited, invalid, bare: bare.trimEnd() };
}

function withoutMarkers(text: string): string {
  return mapProse(text, (prose) => prose.replace(MARKER, ""));
}

/** The passage that supports the sentence best, if any. */
function supporting(sentence: string, passages: Passage[]): number[] {
  const scores = passages.map((passage) => coverage(sentence, passage.text));
  const best = scores.indexOf(Math.max(...scores));
  return best >= 0 && scores[best]! >= MIN_SUPPORT ? [best] : [];
}

function textOf(sources: number[], passages: Passage[]): string {
  return sources.map((index) => passageInput(passages[index]!)).join("\n");
}

function withMarkers(sentence: string, markers: string): string {
  if (markers === "") return sentence;
  const stop = /[.!?:]$/.exec(sentence)?.[0] ?? "";
  return stop === "" ? `${sentence} ${markers}` : `${sentence.slice(0, -1)} ${markers}${stop}`;
}
