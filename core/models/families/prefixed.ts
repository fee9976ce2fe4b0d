import type { EmbedTexts } from "../embedder.ts";
import type { Reading } from "./family.ts";

/** The texts as a model reads them, the questions before the passages. */
export function prefixed({ questions = [], passages = [] }: EmbedTexts, prefixes: Reading["prefixes"]): string[] {
  return [
    ...questions.map((question) => prefixes.questions + question),
    ...passages.map((passage) => prefixes.passages + passage),
  ];
}
