import type { Root } from "mdast";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";

const commonMark = unified().use(remarkParse);
const github = unified().use(remarkParse).use(remarkGfm);

/** Marks of GitHub's extensions: a table's delimiter row, a footnote, a strike-through, a task. */
const GITHUB_ONLY = /^(?=[^\n]*[|:])[-|: \t>*+\d.)]+$|\[\^|~|\[[\sxX]\]/m;

/**
 * Syntax tree of a page, including GitHub's extensions. They take a quarter of the time, so a page without their marks
 * is parsed without them. Its tree reads the same, except that bare addresses stay text.
 */
export function parseMarkdown(text: string): Root {
  return (GITHUB_ONLY.test(text) ? github : commonMark).parse(text) as Root;
}
