import { type DefaultTreeAdapterTypes, parseFragment } from "parse5";

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

/** A line of what a reader sees of a piece of HTML: prose, or a table row with bars between its cells. */
export interface HtmlLine {
  kind: "prose" | "row";
  text: string;
  links: { anchor: string; url: string }[];
  /** Header row of the table, on the rows below it. */
  header?: string;
}

const HIDDEN = new Set(["script", "style", "template", "noscript", "head"]);
const BLOCKS = new Set(
  "p div li ul ol tr td th table caption thead tbody tfoot dl dt dd h1 h2 h3 h4 h5 h6 br hr pre blockquote section article aside header footer main nav center form fieldset figure figcaption details summary".split(
    " ",
  ),
);
const TAG = /^<\/?([A-Za-z][A-Za-z0-9-]*)/;

/** True for a tag that starts or ends a block or a line, so that the words at its sides are apart. */
export function separatesWords(tag: string): boolean {
  return BLOCKS.has(TAG.exec(tag)?.[1]?.toLowerCase() ?? "");
}

/** What a reader sees of a piece of HTML, block by block; an unclosed or lone tag loses no text. */
export function htmlLines(html: string): HtmlLine[] {
  // Cells outside a table would lose their tags: rows that stand alone are read inside one.
  const bare = html.replace(/^(?:\s*(?:<!--[\s\S]*?-->|<\/[A-Za-z][^>]*>))+/, "");
  const lone = /^\s*<(tr|td|th|thead|tbody|tfoot|caption|col|colgroup)\b/i.test(bare);
  const lines = new Lines();
  lines.visit(parseFragment(lone ? `<table>${bare}</table>` : html).childNodes);
  return lines.take();
}

/** Text of a piece of HTML on lines. */
export function htmlText(html: string): string {
  return htmlLines(html)
    .map((line) => line.text)
    .join("\n");
}

class Lines {
  private readonly done: HtmlLine[] = [];
  private open = "";
  private links: HtmlLine["links"] = [];

  take(): HtmlLine[] {
    this.endLine();
    return this.done;
  }

  visit(nodes: Node[], header?: { text?: string }): void {
    for (const node of nodes) {
      if ("value" in node) this.open += node.value;
      else if (!("tagName" in node) || HIDDEN.has(node.tagName)) continue;
      else if (node.tagName === "tr") this.row(node, header);
      else this.element(node, header);
    }
  }

  private element(node: Element, header?: { text?: string }): void {
    const { tagName } = node;
    if (tagName === "img") this.open += ` ${attribute(node, "alt")} `;
    if (BLOCKS.has(tagName)) this.endLine();
    this.visit(node.childNodes, tagName === "table" ? {} : header);
    if (tagName === "a") this.link(node);
    if (BLOCKS.has(tagName)) this.endLine();
  }

  private row(node: Element, header?: { text?: string }): void {
    this.endLine();
    const cells: string[] = [];
    const links: HtmlLine["links"] = [];
    for (const child of node.childNodes) {
      const cell = new Lines();
      cell.visit([child]);
      const lines = cell.take();
      links.push(...lines.flatMap((line) => line.links));
      if (lines.length > 0 || "tagName" in child) cells.push(lines.map((line) => line.text).join(" "));
    }
    const text = cells.join(" | ");
    if (!/[^\s|]/.test(text)) return;
    const heads = node.childNodes.filter((child) => "tagName" in child && child.tagName === "th").length;
    this.done.push({ kind: "row", text, links, ...(header?.text && { header: header.text }) });
    if (header && header.text === undefined) header.text = heads > 1 ? text : "";
  }

  private link(node: Element): void {
    const url = attribute(node, "href");
    const anchor = spaced(new Lines().textOf(node));
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
    if (text !== "") this.done.push({ kind: "prose", text, links: this.links });
    this.open = "";
    this.links = [];
  }
}

function attribute(node: Element, name: string): string {
  return node.attrs.find((each) => each.name === name)?.value ?? "";
}

function spaced(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
