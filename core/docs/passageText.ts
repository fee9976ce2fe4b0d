import type { Passage } from "../../contracts/passage.ts";

/** Passage text for embedder, BM25 and reranker: heading trail, then text. */
export function passageInput(passage: Pick<Passage, "heading" | "text">): string {
  return `${passage.heading.join(" > ")}\n${passage.text}`;
}
