import type { Element } from "hast";
import { descendants } from "./tree.ts";

/** Limits of what a page written for readers has, as for Markdown (`excess`). */
const MAX_WORD = 200_000;
const MAX_HEADINGS = 5_000;
const HEADING = /^(?:h[1-6]|dt)$/;
const UNREAD = new Set(["script", "style"]);

/** Why a page would cost later steps unbounded time; null if it would not. `word`: the length of its longest word. */
export function excess(contents: readonly Element[], word: number): string | null {
  if (word > MAX_WORD) return `has a word of ${word} characters`;
  const elements = contents.flatMap((content) => [...descendants(content)]);
  const headings = elements.filter(({ tagName }) => HEADING.test(tagName)).length;
  return headings > MAX_HEADINGS ? `has more than ${MAX_HEADINGS} headings and terms` : null;
}

/** Length of the longest word of a page, in its main part or around it. */
export function longestWord(body: Element): number {
  let longest = 0;
  for (const { tagName, children } of [body, ...descendants(body)])
    for (const child of UNREAD.has(tagName) ? [] : children)
      if (child.type === "text" && child.value.length > longest)
        for (const [word] of child.value.matchAll(/\S+/g)) longest = Math.max(longest, word.length);
  return longest;
}
