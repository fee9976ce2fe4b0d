import type { Root } from "mdast";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";

const commonMark = unified().use(remarkParse);
const github = unified().use(remarkParse).use(remarkGfm);

/** A line of marks alone with a bar or colon (under a table's header), a footnote, a strike-through, a task. */
const GITHUB_ONLY = /^(?=[^\n]*[|:])[-|: \t>*+\d.)]+$|\[\^|~|\[[\sxX]\]/m;

/**
 * Syntax tree of a page, GitHub's extensions included. These cost a quarter of the time, and what the tree says to a
 * reader is the same without them where a page uses none; bare addresses stay text then.
 */
export function parseMarkdown(text: string): Root {
  return (GITHUB_ONLY.test(text) ? github : commonMark).parse(text) as Root;
}
