import type { Element, Root } from "hast";
import type { RootContent } from "mdast";
import { newlinesIn } from "../../text/spacing.ts";
import { codeAt } from "../placed.ts";
import { attributeOf, classesOf, descendants, elementsIn, type HtmlNode, isElement } from "./tree.ts";

/** Classes with a language's name: of Prism and highlight.js, Sphinx, and SyntaxHighlighter. */
const LANGUAGE = /^(?:language|lang|highlight-source|highlight|brush)[-:]\s*([A-Za-z][\w+#.-]{0,29})$/;
/** Names that Sphinx and others give to code of no language. */
const NO_LANGUAGE = new Set(
  "default none text plain plaintext txt notranslate nohighlight wrapper console-output".split(" "),
);
/** Elements that highlighters make one line of code each. */
const LINES = new Set("div p li tr table ol ul".split(" "));
const MAX_AROUND = 3;
const PANDOC = "sourceCode";

/** Writes the language of each `pre`, which an element around it may state, into its data. */
export function markLanguages(root: Root): void {
  const visit = (node: Element | Root, around: readonly Element[]) => {
    for (const child of elementsIn(node)) {
      if (child.tagName === "pre") child.properties.dataLang = languageOf(child, around);
      visit(child, [child, ...around.slice(0, MAX_AROUND)]);
    }
  };
  visit(root, []);
}

/** The code of a `pre` with its language marked, and with its line breaks. */
export function codeOf(pre: Element): RootContent[] {
  const text = codeText(pre).replace(/[ \t\n]+$/, "");
  if (text.trim() === "") return [];
  const first = firstLineOf(pre);
  const last = pre.position?.end.line ?? first;
  const blank = /^(?:[ \t]*\n)*/.exec(text)![0];
  const lines = text.slice(blank.length).split("\n");
  const above = newlinesIn(blank);
  return codeAt(
    lines.map((line, i) => ({ text: line, line: Math.min(last, first + above + i) })),
    attributeOf(pre, "dataLang"),
  );
}

function codeText(pre: Element): string {
  let text = "";
  const endLine = () => {
    if (text !== "" && !text.endsWith("\n")) text += "\n";
  };
  const visit = (node: HtmlNode) => {
    if (node.type === "text") text += node.value;
    if (!isElement(node)) return;
    if (node.tagName === "br") text += "\n";
    if (node.tagName === "img") text += attributeOf(node, "alt");
    const isLine = LINES.has(node.tagName);
    if (isLine) endLine();
    node.children.forEach(visit);
    if (isLine) endLine();
  };
  pre.children.forEach(visit);
  return text;
}

/** Line of the code's first line. The parser drops a line break after `<pre>`. */
function firstLineOf(pre: Element): number {
  for (const node of [pre, ...descendants(pre)])
    for (const child of node.children)
      if (child.type === "text" && child.position) return child.position.end.line - newlinesIn(child.value);
  return pre.position?.start.line ?? 1;
}

function languageOf(pre: Element, around: readonly Element[]): string {
  const inner = elementsIn(pre).find(({ tagName }) => tagName === "code");
  for (const element of [...(inner ? [inner] : []), pre, ...around]) {
    const stated = attributeOf(element, "dataLang") || attributeOf(element, "dataLanguage");
    const classes = classesOf(element);
    const next = classes.includes(PANDOC)
      ? classes.find((name) => name !== PANDOC && /^[a-z][\w+#-]*$/.test(name))
      : "";
    const named = classes.map((name) => LANGUAGE.exec(name)?.[1]).find((name) => name && !NO_LANGUAGE.has(name));
    const found = (stated || next || named || "").toLowerCase();
    if (/^[\w+#.-]{1,30}$/.test(found) && !NO_LANGUAGE.has(found)) return found;
  }
  return "";
}
