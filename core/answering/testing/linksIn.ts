import type { Nodes, Root } from "mdast";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";

const RENDERERS = [unified().use(remarkParse), unified().use(remarkParse).use(remarkGfm)];

/** Addresses of all links, images and definitions that a Markdown renderer finds, and the HTML that it passes on. */
export function linksIn(markdown: string): string[] {
  const found = new Set<string>();
  const visit = (node: Nodes) => {
    if (node.type === "html") found.add(node.value);
    if ("url" in node) found.add(node.url);
    if ("children" in node) for (const child of node.children) visit(child);
  };
  for (const renderer of RENDERERS) visit(renderer.parse(markdown) as Root);
  return [...found];
}
