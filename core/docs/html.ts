import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";
import { newlinesIn, spaced } from "./text/spacing.ts";

export type Node = DefaultTreeAdapterTypes.ChildNode;
export type Element = DefaultTreeAdapterTypes.Element;

/** A piece of HTML as readers see it: a line of prose, a fenced block, or a table row with bars between its cells. */
export interface HtmlLine {
  kind: "prose" | "code" | "row";
  text: string;
  links: { anchor: string; url: string }[];
  /** First and last line of its HTML, 1-based. */
  lines: [number, number];
  /** Header row of the table, set on the rows below it. */
  header?: string;
}

const HIDDEN = new Set(["script", "style", "template", "noscript", "head"]);
const BLOCKS = new Set(
  "p div li ul ol tr td th table caption thead tbody tfoot dl dt dd h1 h2 h3 h4 h5 h6 br hr pre blockquote section article aside header footer main nav center form fieldset figure figcaption details summary".split(
    " ",
  ),
);
/** Elements separated only by their styling: their words are adjacent in the source. */
const LABELS = new Set(["span", "label", "button", "td", "th"]);
/** Marks superscripts and subscripts, so that 2<sup>8</sup> does not read as 28. */
export const RAISED: Record<string, string> = { sup: "^", sub: "_" };
const TAG = /^<\/?([A-Za-z][A-Za-z0-9-]*)/;

/** True for a tag that starts or ends a block or a line, and so separates the words around it. */
export function separatesWords(tag: string): boolean {
  return BLOCKS.has(TAG.exec(tag)?.[1]?.toLowerCase() ?? "");
}

/** The mark that replaces a tag inside a line: `^` for `<sup>`, otherwise "". */
export function markOf(tag: string): string {
  return tag.startsWith("</") ? "" : (RAISED[TAG.exec(tag)?.[1]?.toLowerCase() ?? ""] ?? "");
}

/** Text of a piece of HTML as readers see it, block by block. An unclosed or unmatched tag loses no text. */
export function htmlLines(html: string): HtmlLine[] {
  // Cells outside a table would lose their tags, so lone rows are parsed inside a table.
  const bare = html.replace(/^(?:\s*(?:<!--[\s\S]*?-->|<\/[A-Za-z][^>]*>))+/, "");
  const lone = /^\s*<(tr|td|th|thead|tbody|tfoot|caption|col|colgroup)\b/i.test(bare);
  const before = lone ? html.slice(0, html.length - bare.length).split("\n").length - 1 : 0;
  const lines = new Lines(before);
  const source = lone ? `<table>${bare}</table>` : html;
  lines.visit(parseFragment(source, { sourceCodeLocationInfo: true }).childNodes);
  return lines.take();
}

class Lines {
  private readonly done: HtmlLine[] = [];
  private open = "";
  private links: HtmlLine["links"] = [];
  private range: [number, number] | null = null;

  /** `before`: lines above the parsed piece. `inLine`: puts everything, code included, on one line. */
  constructor(
    private readonly before: number,
    private readonly inLine = false,
  ) {}

  take(): HtmlLine[] {
    this.endLine();
    return this.done;
  }

  visit(nodes: Node[], header?: { text?: string }): void {
    for (const [i, node] of nodes.entries()) {
      if ("value" in node) this.text(node);
      else if (!("tagName" in node) || HIDDEN.has(node.tagName)) continue;
      else if (node.tagName === "tr") this.row(node, header);
      else {
        if (isLabel(node) && isLabel(nodes[i - 1])) this.open += " ";
        this.element(node, header);
      }
    }
  }

  private text({ value, sourceCodeLocation }: DefaultTreeAdapterTypes.TextNode): void {
    this.open += value;
    if (!sourceCodeLocation || value.trim() === "") return;
    const first = sourceCodeLocation.startLine + newlinesIn(/^\s*/.exec(value)![0]);
    this.reach(first, first + newlinesIn(value.trim()));
  }

  private reach(first: number, last: number): void {
    const [from, to] = this.range ?? [first + this.before, last + this.before];
    this.range = [Math.min(from, first + this.before), Math.max(to, last + this.before)];
  }

  private element(node: Element, header?: { text?: string }): void {
    const { tagName, sourceCodeLocation: place } = node;
    this.open += RAISED[tagName] ?? "";
    if (tagName === "img") {
      this.open += ` ${attributeOf(node, "alt")} `;
      if (place) this.reach(place.startLine, place.startLine);
    }
    if (BLOCKS.has(tagName)) this.endLine();
    if (tagName === "pre" && !this.inLine) this.code(node);
    else this.visit(node.childNodes, tagName === "table" ? {} : header);
    if (tagName === "a") this.link(node);
    if (BLOCKS.has(tagName)) this.endLine();
  }

  /** Keeps the line breaks of code, in a fence longer than any inside it. */
  private code(node: Element): void {
    const held = new Lines(this.before, true);
    held.visit(node.childNodes);
    const code = held.open.replace(/^\s*\n|\s+$/g, "");
    if (code.trim() === "") return;
    const longest = Math.max(2, ...[...code.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length));
    const fence = "`".repeat(longest + 1);
    const lines = held.range ?? [this.before + 1, this.before + 1];
    this.done.push({ kind: "code", text: `${fence}\n${code}\n${fence}`, links: held.links, lines });
  }

  private row(node: Element, header?: { text?: string }): void {
    this.endLine();
    const cells: string[] = [];
    const inside: HtmlLine[] = [];
    for (const child of node.childNodes) {
      const cell = new Lines(this.before, true);
      cell.visit([child]);
      const lines = cell.take();
      inside.push(...lines);
      if (lines.length > 0 || "tagName" in child) cells.push(lines.map((line) => line.text).join(" "));
    }
    const text = cells.join(" | ");
    if (!/[^\s|]/.test(text)) return;
    const links = inside.flatMap((line) => line.links);
    const lines: [number, number] = [
      Math.min(...inside.map((line) => line.lines[0])),
      Math.max(...inside.map((line) => line.lines[1])),
    ];
    const heads = node.childNodes.filter((child) => "tagName" in child && child.tagName === "th").length;
    this.done.push({ kind: "row", text, links, lines, ...(header?.text && { header: header.text }) });
    if (header && header.text === undefined) header.text = heads > 1 ? text : "";
  }

  private link(node: Element): void {
    const url = attributeOf(node, "href");
    const anchor = spaced(new Lines(this.before, true).textOf(node));
    if (url !== "" && anchor !== "") this.links.push({ anchor, url });
  }

  private textOf(node: Element): string {
    this.visit(node.childNodes);
    return this.take()
      .map((line) => line.text)
      .join(" ");
  }

  private endLine(): void {
    const text = spaced(this.open);
    const lines = this.range ?? [this.before + 1, this.before + 1];
    if (text !== "") this.done.push({ kind: "prose", text, links: this.links, lines });
    this.open = "";
    this.links = [];
    this.range = null;
  }
}

function isLabel(node: Node | undefined): boolean {
  return node !== undefined && "tagName" in node && LABELS.has(node.tagName);
}

/** An attribute's value; "" for none. */
export function attributeOf(node: Element, name: string): string {
  return node.attrs.find((each) => each.name === name)?.value ?? "";
}
