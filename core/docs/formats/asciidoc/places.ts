import type { AbstractBlock, Document } from "@asciidoctor/core";

/** First and last line, 1-based. */
export type Place = readonly [number, number];

/** Precedes the lines of a block in a class of its HTML, or in its text. `openBody` keeps it out of documents. */
const MARK = "\u{e013}";
const MARKED = new RegExp(`${MARK}(\\d+)-(\\d+)${MARK}`, "g");

interface Node {
  context: string;
  lines?: string[];
  blocks?: Node[];
  attributes: Record<string, unknown>;
  sourceLocation?: { lineno: number } | null;
}
interface Item extends Node {
  getText(): string | null;
}
interface Table extends Node {
  rows: { bySection(): [string, Node[][]][] };
}
interface DefinitionList extends Node {
  getItems(): [Item[], Item | undefined][];
}

/** Marks all blocks of a document with their lines, so that its HTML has them. */
export function markPlaces(document: Document, lines: readonly string[]): void {
  const nodes = nodesBelow(document as AbstractBlock as unknown as Node);
  const starts = startsOf(nodes, lines);
  const sorted = [...new Set(starts.values())].sort((a, b) => a - b);
  const next = new Map(sorted.map((start, i) => [start, sorted[i + 1] ?? lines.length + 1]));
  for (const [node, start] of starts) mark(node, placeOf(node, start, next.get(start)!, lines));
}

/**
 * First line of each node. Asciidoctor reads ahead over conditionals, so what it reports may lie below. The text of a
 * block corrects it.
 */
function startsOf(nodes: readonly Node[], lines: readonly string[]): Map<Node, number> {
  const starts = new Map<Node, number>();
  let above = 0;
  for (const node of nodes) {
    let line = Math.min(node.sourceLocation!.lineno, lines.length);
    const first = TEXT.has(node.context) ? node.lines?.[0]?.trim() : undefined;
    if (first) line = lineUpFrom(lines, line, above, (text) => text.trimEnd().endsWith(first)) ?? line;
    line = lineUpFrom(lines, line, above, (text) => !DIRECTIVE.test(text)) ?? line;
    starts.set(node, line);
    above = line;
  }
  return starts;
}

/** The last line from `from` up to `above`, not included, that is accepted; null for none. */
function lineUpFrom(lines: readonly string[], from: number, above: number, accepts: (line: string) => boolean) {
  for (let line = from; line > above; line--) if (accepts(lines[line - 1]!)) return line;
  return null;
}

function nodesBelow(top: Node): Node[] {
  const found: Node[] = [];
  const open = [top];
  for (let node = open.pop(); node; node = open.pop()) {
    if (node !== top && node.sourceLocation) found.push(node);
    for (const child of childrenOf(node).toReversed()) open.push(child);
  }
  return found;
}

function childrenOf(node: Node): Node[] {
  if (node.context === "dlist")
    return (node as DefinitionList).getItems().flatMap(([terms, text]) => (text ? [...terms, text] : terms));
  if (node.context === "table") return (node as Table).rows.bySection().flatMap(([, rows]) => rows.flat());
  return node.blocks ?? [];
}

/** The lines of a block up to the next one. Those of code include the lines of its fences, as in Markdown. */
function placeOf(node: Node, start: number, next: number, lines: readonly string[]): Place {
  if (VERBATIM.has(node.context) && node.lines && node.lines.length > 0) {
    const first = codeStart(node.lines[0]!, start, next, lines);
    return [Math.max(1, first - 1), Math.min(lines.length, first + node.lines.length)];
  }
  let end = Math.max(start, Math.min(next - 1, lines.length));
  while (end > start && (lines[end - 1] ?? "").trim() === "") end -= 1;
  return [start, node.context === "section" ? start : end];
}

/** Blocks whose lines are those of the page. */
const TEXT = new Set(["paragraph", "admonition", "quote"]);
const DIRECTIVE = /^(?:if(?:n?def|eval)|endif)::/;
const VERBATIM = new Set(["listing", "literal", "stem", "verse"]);

function codeStart(code: string, start: number, next: number, lines: readonly string[]): number {
  for (let line = start; line < next; line++) if (lines[line - 1]?.trim() === code.trim()) return line;
  return start;
}

function mark(node: Node, place: Place): void {
  const text = `${MARK}${place[0]}-${place[1]}${MARK}`;
  const add = (name: string) => {
    node.attributes[name] = node.attributes[name] ? `${node.attributes[name]} ${text}` : text;
  };
  if (node.context === "table_cell") add("halign");
  else if (node.context !== "list_item") add("role");
  else {
    // Some elements of lists have no class.
    const item = node as Item;
    const shown = item.getText() ?? "";
    item.getText = () => text + shown;
  }
}

/** The lines marked in a class or text. */
export function markedPlace(text: string): Place | null {
  const [, first, last] = MARKED.exec(text) ?? [];
  MARKED.lastIndex = 0;
  return first === undefined ? null : [Number(first), Number(last)];
}

export function withoutPlaces(text: string): string {
  return text.replace(MARKED, "");
}
