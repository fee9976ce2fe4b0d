import type { Nodes, RootContent } from "mdast";
import { parseMarkdown } from "../markdown.ts";
import type { PlacedLine } from "../text/located.ts";
import { plainMarkdown } from "./markdown/reader.ts";
import { markdown } from "./markdown.ts";
import { myst } from "./myst.ts";

/** Marks of Jupyter Book, and those that many generators share. */
const DIALECTS = [myst, markdown].flatMap(({ dialect }) => dialect ?? []);

/** Blocks of Markdown whose lines stand anywhere in a file. Positions are lines of the file. */
export function markdownAt(lines: PlacedLine[]): RootContent[] {
  const text = plainMarkdown(lines.map((line) => line.text).join("\n"), DIALECTS);
  const { children } = parseMarkdown(text);
  const lineAt = (line: number) => lines[Math.min(line, lines.length) - 1] ?? { line: 1 };
  for (const node of children) move(node, lineAt);
  return children;
}

function move(node: Nodes, lineAt: (line: number) => Omit<PlacedLine, "text">): void {
  if (node.position) {
    node.position.start.line = lineAt(node.position.start.line).line;
    const last = lineAt(node.position.end.line);
    node.position.end.line = last.end ?? last.line;
  }
  if ("children" in node) for (const child of node.children) move(child, lineAt);
}

/** A code block; nothing for blank lines. */
export function codeAt(lines: PlacedLine[], language: string): RootContent[] {
  const first = lines.find(({ text }) => text.trim() !== "");
  if (!first) return [];
  const value = lines.map(({ text }) => text).join("\n");
  const from = lines[0]!.line;
  const to = lines.at(-1)!.end ?? lines.at(-1)!.line;
  // The lines of fenced code include its fences.
  const [start, end] = to > from ? [Math.max(1, from - 1), to + 1] : [from, to];
  const position = { start: { line: start, column: 1 }, end: { line: end, column: 1 } };
  return [{ type: "code", lang: language || null, value, position }];
}
