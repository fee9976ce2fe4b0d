import type { AskResult, Citation, UnsupportedSentence } from "../contracts/ask.ts";
import { titleOf } from "../core/answering/modes/index.ts";
import { bestRelevance } from "../core/answering/receipt.ts";
import { apart } from "../core/base/apart.ts";
import { bold, cyan, dim, green, verbatim, yellow } from "./style.ts";

const REFUSING = { threshold: "threshold", quotation: "quotation", llm: "language model" };

/** Formats the answer with its sources, and the closest passages for an abstention. */
export function renderAnswer(result: AskResult): string {
  const title = titleOf(result.kind, result.receipt.model);
  const colour = result.kind === "abstained" || result.kind === "unsure" ? yellow : green;
  const parts = [colour(`${title}:`), "", shownText(result.answer.trim()), ""];
  if (result.citations.length > 0) parts.push(bold("Sources:"), ...result.citations.map(source), "");
  if (result.unsupported.length > 0)
    parts.push(yellow("[?] Not supported by the passages:"), ...result.unsupported.map(doubt), "");
  if (result.closest.length > 0) parts.push(bold("Closest passages:"), ...result.closest.map(source), "");
  return [...parts, ...receiptLines(result)].join("\n");
}

/** Fenced code without its fences, indented, and never folded. */
function shownText(answer: string): string {
  let fence: string | null = null;
  return answer
    .split("\n")
    .flatMap((line) => {
      const [, sign] = /^\s*(```+|~~~+)/.exec(line) ?? [];
      if (sign && (fence === null || line.trim() === fence)) {
        fence = fence === null ? sign : null;
        return [];
      }
      return [fence === null ? line : verbatim(`    ${cyan(line)}`)];
    })
    .join("\n");
}

/** The best relevance and the threshold, once: a refusal gives both in its reason. */
function receiptLines({ receipt }: AskResult): string[] {
  const { release, corpus, ranking, threshold, limits, refusedBy, why, unmeasured, candidates } = receipt;
  const origin = `Release ${release} of ${corpus}, order: ${ranking}${unmeasured ? ", not measured yet" : ""}`;
  if (refusedBy === null && why) return [`Not sure: ${why}.`, dim(`${origin}.`)];
  if (refusedBy !== null && why) return [`Refused by the ${REFUSING[refusedBy]}: ${why}.`, dim(`${origin}.`)];
  if (candidates.length === 0 || unmeasured) return [dim(`${origin}.`)];
  const highest = bestRelevance(candidates);
  const [best, limit] = apart(highest, highest < threshold ? limits.refuse : threshold);
  return [dim(`${origin}, best relevance ${best}, threshold ${limit}.`)];
}

function doubt({ sentence, reason }: UnsupportedSentence): string {
  const [first = "", ...rest] = sentence.split("\n");
  return `  - "${rest.length > 0 ? `${first} ...` : first}": ${reason}`;
}

function source(citation: Citation, position: number): string {
  const { heading, url, page, lines } = citation;
  return `  [${position + 1}] ${bold(heading.join(" > "))} — ${cyan(url)} ${dim(`(${page}:${lines[0]}-${lines[1]})`)}`;
}
