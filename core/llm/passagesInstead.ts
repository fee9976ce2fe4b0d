import type { Citation } from "../../contracts/ask.ts";

/** Text of a degraded answer: why the LLM gave none, and the quotes of the passages that it would have seen. */
export function passagesInstead(
  why: string,
  isUnsure: boolean,
  citations: readonly Pick<Citation, "heading" | "quote">[],
): string {
  const doubt = isUnsure ? " The docs may not answer this question." : "";
  const lines = citations.map(({ heading, quote }, at) => `[${at + 1}] ${heading.join(" > ")}: ${quote}`);
  return [`No answer by the language model: ${why}.${doubt} The passages that match best:`, ...lines].join("\n\n");
}
