import type { Passage } from "../../contracts/passage.ts";

/** What embedder, BM25 and reranker read of a passage: heading trail, then text. */
export function passageInput(passage: Pick<Passage, "heading" | "text">): string {
  return `${passage.heading.join(" > ")}\n${passage.text}`;
}
