import type { Citation, UnsupportedSentence } from "../../contracts/ask.ts";
import type { Passage } from "../../contracts/passage.ts";
import { passageInput } from "../docs/passageText.ts";
import { mapProse } from "../docs/text/code.ts";
import { textUnits } from "../docs/text/textUnits.ts";
import { fittedReply } from "./fittedReply.ts";
import { stripForeignLinks } from "./foreignLinks.ts";
import { bestQuote } from "./quote.ts";
import { doubtAbout, doubtAboutCode, isAboutPassages, MIN_SUPPORT } from "./support.ts";
import { coverage } from "./wordOverlap.ts";

export interface CheckedAnswer {
  /**
   * The answer with markers renumbered to `citations`, invalid markers and foreign links removed, and doubtful claims
   * and code marked `[?]`. All other words are the reply's.
   */
  text: string;
  /** `[n]` in the text is `citations[n - 1]`. */
  citations: Citation[];
  /** The first sentences and pieces of code that no cited passage supports, each with the reason. */
  unsupported: UnsupportedSentence[];
  /** True if the reply was longer than an answer may be, and was cut. */
  cut: boolean;
  /** Markers that refer to none of the given passages. */
  invalidMarkers: string[];
  /** Share of the answer's content words that the cited passages contain, 0..1. */
  support: number;
}

/** A citation with the blanks before it, and those after it that would stand before a stop. */
const MARKER = /[ \t]*[[【](\d{1,3}(?:\s*[,;]\s*\d{1,3})*)[\]】](?!\()(?:[ \t]+(?=[.,;:!?](?:\s|$)))?/g;
const MARKERS_AFTER_STOP = /([.!?])((?:[ \t]*[[【]\d{1,3}(?:\s*[,;]\s*\d{1,3})*[\]】])+)(?=\s|$)/g;
const DOUBT = "[?]";
/** Bounds of the list of doubts. The text marks every one. */
const MAX_DOUBTS = 30;
const MAX_DOUBT = 300;

/**
 * Checks an LLM's answer against its passages. Every `[n]` must be one of them, every sentence must be supported by its
 * citations (support.ts), and every line of code must be in a passage. A sentence without a marker gets one if a
 * passage supports it. An unsupported sentence or piece of code is marked `[?]`. Throws TangledText.
 */
export function checkAnswer(whole: string, passages: Passage[]): CheckedAnswer {
  const { text: reply, cut } = fittedReply(whole);
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
    if (reason !== null && unsupported.length < MAX_DOUBTS)
      unsupported.push({ sentence: shortened(sentence), reason: shortened(reason) });
    return reason === null ? "" : DOUBT;
  };
  const text = mapSentences(mapProse(reply, markersBeforeStops), (sentence, isCode) => {
    if (isCode) return doubt(sentence, doubtAboutCode(sentence, passages));
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
  const support = coverage(mapMarkers(reply), textOf(order, passages));
  return { text: stripForeignLinks(text, allowed), citations, unsupported, cut, invalidMarkers, support };
}

/**
 * Rewrites each sentence, and leaves the text between them. Code stays too: its `rewrite` returns a mark for the line
 * below its fence.
 */
function mapSentences(text: string, rewrite: (unit: string, isCode: boolean) => string): string {
  let out = "";
  let at = 0;
  let mark = "";
  for (const { start, end, kind, text: unit } of textUnits(text)) {
    const rewritten = rewrite(unit, kind === "code");
    out += belowFence(text.slice(at, start), mark) + (kind === "code" ? unit : rewritten);
    mark = kind === "code" ? rewritten : "";
    at = end;
  }
  return out + belowFence(text.slice(at), mark);
}

/** @param between text from the end of a piece of code to the next unit, with the fence that closes it */
function belowFence(between: string, mark: string): string {
  if (mark === "") return between;
  const fence = /^\s*?\n[ \t>]*(?:`{3,}|~{3,})[ \t]*(?=\n|$)/.exec(between)?.[0] ?? "";
  return fence === "" ? between : `${fence}\n${mark}${between.slice(fence.length)}`;
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
  const bare = mapMarkers(sentence, (marker, numbers) => {
    for (const number of numbers) {
      const index = number - 1;
      if (index < 0 || index >= count) invalid.push(marker.trim());
      else if (!cited.includes(index)) cited.push(index);
    }
  });
  return { cited, invalid, bare: bare.trimEnd() };
}

/** The text without its markers, each of which `read` is given. */
function mapMarkers(text: string, read: (marker: string, numbers: number[]) => void = () => {}): string {
  return mapProse(text, (prose) =>
    prose.replace(MARKER, (marker: string, list: string, at: number) => {
      if (isIndex(prose.slice(at - 1, at), list, prose.slice(at + marker.length, at + marker.length + 2)))
        return marker;
      read(marker, list.split(/[,;]/).map(Number));
      return "";
    }),
  );
}

/** True for the brackets of an array: `items[0].name`, `argv[0]`. */
function isIndex(before: string, list: string, after: string): boolean {
  return /\w/.test(before) && (list === "0" || /^\.?\w/.test(after));
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
  const stop = /(?:[!?:]|\.{1,3}|…)$/.exec(sentence)?.[0] ?? "";
  return `${sentence.slice(0, sentence.length - stop.length)} ${markers}${stop}`;
}

function shortened(text: string): string {
  return text.length <= MAX_DOUBT ? text : `${text.slice(0, MAX_DOUBT).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
