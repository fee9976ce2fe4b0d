import type { AskResult, Citation, Receipt } from "../../contracts/ask.ts";
import type { IdentifiedAnswer } from "../../contracts/askEvents.ts";
import type { Annotation, ChatExtension } from "../../contracts/chat.ts";
import { bestRelevance } from "../../core/answering/receipt.ts";
import { apart } from "../../core/base/apart.ts";
import { mapProse, withClosedFence } from "../../core/docs/text/code.ts";

/** An answer as a chat page shows it. */
export interface ChatContent {
  /** Markdown: the answer with its markers as links, then the sources. */
  text: string;
  /** One for each source, at its first marker. */
  annotations: Annotation[];
}

const MARKER = /\[(\d{1,3})\](?!\()/g;

/**
 * Text and annotations of an answer. Many chat pages drop fields that they do not know, so the sources are in the text
 * as well. A refusal, or an answer that is not sure, gives P(relevant) and the limit from which on this release answers.
 */
export function chatContent(answer: AskResult): ChatContent {
  const { citations, closest } = answer;
  const abstained = answer.kind === "abstained";
  const sources = abstained ? closest : citations;
  const linked = mapProse(answer.answer.trim(), (prose) =>
    prose.replace(MARKER, (marker, number: string) => {
      const citation = citations[Number(number) - 1];
      return citation ? markerOf(citation, Number(number)) : marker;
    }),
  );
  const unanswered = abstained || answer.kind === "unsure";
  const parts = [withClosedFence(linked), ...(unanswered ? refusal(answer) : []), ...doubts(answer)];
  if (sources.length > 0)
    parts.push([abstained ? "**Closest passages**" : "**Sources**", "", ...sources.map(sourceLine)].join("\n"));
  const text = parts.join("\n\n");
  return { text, annotations: sources.map((source, at) => annotationOf(source, at + 1, text)) };
}

/** The fields that Winnow adds to a chat answer. @param question as it was asked of the docs */
export function chatExtension(answer: IdentifiedAnswer, question: string): ChatExtension {
  const { id, kind, citations, closest, unsupported, receipt } = answer;
  const { release, corpus, threshold, limits, why } = receipt;
  return {
    ...{ id, question, kind, release, corpus, threshold, limits, why },
    relevance: relevanceOf(receipt),
    ...{ citations, closest, unsupported },
  };
}

/** Null where nothing was found. */
function relevanceOf({ candidates }: Receipt): number | null {
  return candidates.length > 0 ? bestRelevance(candidates) : null;
}

function refusal(answer: AskResult): string[] {
  const { limits, unmeasured, why } = answer.receipt;
  const best = relevanceOf(answer.receipt);
  const because = why === null ? [] : [`Why: ${why}.`];
  if (best === null) return because;
  const [shown, limit] = apart(best, limits.answer);
  const estimate = unmeasured ? " Both are estimates: this release is not measured yet." : "";
  return [`P(relevant) of the closest passage: ${shown}. This release answers from ${limit}.${estimate}`, ...because];
}

function doubts({ unsupported }: AskResult): string[] {
  if (unsupported.length === 0) return [];
  return ["`[?]` marks what the passages do not support."];
}

/** A link where the docs have an address of their own; a path would lead to a page of the chat's host. */
function markerOf({ url }: Citation, number: number): string {
  const address = addressOf(url);
  return address === null ? `[${number}]` : `[${number}](${address})`;
}

function sourceLine(citation: Citation, at: number): string {
  const { url, page, lines } = citation;
  const address = addressOf(url);
  const title = titleOf(citation).replace(/[[\]\\<`*_]/g, "\\$&");
  const place = `\`${page}\`, lines ${lines[0]}-${lines[1]}`;
  return `${at + 1}. ${address === null ? `${title} (${url}; ${place})` : `[${title}](${address}) (${place})`}`;
}

/** The heading path of a citation, or its page where it stands under none. */
export function titleOf({ heading, page }: Citation): string {
  return heading.join(" > ") || page;
}

/** An address that leads to the docs from any page, safe in a Markdown link; null for a path. */
export function addressOf(url: string): string | null {
  return /^https?:\/\/[^\s<>]+$/.test(url) ? url.replace(/\(/g, "%28").replace(/\)/g, "%29") : null;
}

function annotationOf(citation: Citation, number: number, text: string): Annotation {
  const marker = markerOf(citation, number);
  const at = text.indexOf(marker);
  const found = at >= 0 ? [at, at + marker.length] : lineOf(sourceLine(citation, number - 1), text);
  const [start_index = 0, end_index = 0] = found;
  return {
    type: "url_citation",
    url_citation: { url: citation.url, title: titleOf(citation), start_index, end_index },
  };
}

function lineOf(line: string, text: string): [number, number] {
  const at = text.lastIndexOf(line);
  return [at, at + line.length];
}
