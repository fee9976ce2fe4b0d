import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";

type Node = DefaultTreeAdapterTypes.ChildNode;

const HIDDEN = new Set(["script", "style", "template", "noscript"]);
const BREAKING = new Set(
  "p div li ul ol tr table thead tbody dl dt dd h1 h2 h3 h4 h5 h6 br pre blockquote section figure figcaption details summary".split(
    " ",
  ),
);

/** Text a reader sees of a piece of HTML: table rows with cells between bars, blocks on lines of their own. */
export function htmlText(html: string): string {
  // Cells outside a table would lose their tags: a row that stands alone is read inside one.
  const lone = /^\s*<(tr|td|th|thead|tbody)\b/i.test(html);
  const fragment = parseFragment(lone ? `<table>${html}</table>` : html);
  const parts: string[] = [];
  visit(fragment.childNodes, parts);
  return parts
    .join("")
    .replace(/[ \t]+/g, " ")
    .replace(/ *\n[ \n]*/g, "\n")
    .trim();
}

function visit(nodes: Node[], parts: string[]): void {
  for (const node of nodes) {
    if ("value" in node) parts.push(node.value);
    if (!("tagName" in node) || HIDDEN.has(node.tagName)) continue;
    const { tagName } = node;
    const alt = tagName === "img" ? node.attrs.find(({ name }) => name === "alt")?.value : undefined;
    if (alt) parts.push(alt);
    if (BREAKING.has(tagName)) parts.push("\n");
    if (tagName === "template" || !("childNodes" in node)) continue;
    visit(node.childNodes, parts);
    if (tagName === "td" || tagName === "th") parts.push(" | ");
    if (BREAKING.has(tagName)) parts.push("\n");
  }
}
