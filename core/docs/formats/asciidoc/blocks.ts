import type { Heading, List, ListItem, Paragraph, PhrasingContent, Root, RootContent, Table, TableRow } from "mdast";
import { parseFragment } from "parse5";
import { attributeOf, type Element, type Node } from "../../html.ts";
import { inline } from "../../units.ts";
import { spanOf, spreadCells } from "../spans.ts";
import { classesOf, elementsOf, isElement, isHidden, isInline } from "./elements.ts";
import { Phrasing, type Targets, textOf, trimmed } from "./phrasing.ts";
import { markedPlace, type Place } from "./places.ts";

/** Syntax tree of the HTML that Asciidoctor makes of a page. `pageLine` maps lines of its input to lines of the page. */
export function treeOf(html: string, targets: Targets, pageLine: (line: number) => number): Root {
  // Readers search for "don't" and "..." as their keyboard types them.
  const { childNodes } = parseFragment(html.replaceAll("&#8217;", "'").replaceAll("&#8230;&#8203;", "..."));
  const notes = childNodes.find((node) => isElement(node) && attributeOf(node, "id") === "footnotes");
  const reader = new BlockReader(new Phrasing(targets, notesIn(notes)), pageLine);
  return {
    type: "root",
    children: reader.blocks(
      childNodes.filter((node) => node !== notes),
      [1, 1],
    ),
  };
}

/** The nodes of each footnote by its number, without the number itself. */
function notesIn(notes: Node | undefined): Map<string, Node[]> {
  const found = new Map<string, Node[]>();
  if (!notes || !isElement(notes)) return found;
  for (const note of elementsOf(notes)) {
    const number = /^_footnotedef_(\d+)$/.exec(attributeOf(note, "id"))?.[1];
    if (number === undefined) continue;
    const [, point, ...rest] = note.childNodes.filter((child) => isElement(child) || textOf([child]).trim() !== "");
    if (!point || isElement(point)) continue;
    found.set(number, [
      { ...point, value: point.nodeName === "#text" ? textOf([point]).replace(/^\.\s*/, "") : "" } as Node,
      ...rest,
    ]);
  }
  return found;
}

class BlockReader {
  constructor(
    private readonly phrasing: Phrasing,
    private readonly pageLine: (line: number) => number,
  ) {}

  /** Blocks of some nodes. Text and inline elements between blocks become paragraphs. */
  blocks(nodes: readonly Node[], place: Place): RootContent[] {
    const made: RootContent[] = [];
    let run: Node[] = [];
    const flush = () => {
      for (const paragraph of this.paragraph(run, place)) made.push(paragraph);
      run = [];
    };
    for (const node of nodes) {
      if (!isElement(node) || isInline(node)) run.push(node);
      else if (!isHidden(node)) {
        flush();
        for (const block of this.block(node, markedPlace(attributeOf(node, "class")) ?? place)) made.push(block);
      }
    }
    flush();
    return made;
  }

  private paragraph(nodes: readonly Node[], place: Place): Paragraph[] {
    const children = trimmed(this.phrasing.of(nodes));
    const own = placeIn(nodes) ?? place;
    const isBlank = children.every((child) => child.type === "text" && child.value.trim() === "");
    return isBlank ? [] : [{ type: "paragraph", children, position: this.position(own) }];
  }

  private block(node: Element, place: Place): RootContent[] {
    const classes = classesOf(node);
    switch (node.tagName) {
      case "h1":
      case "h2":
      case "h3":
      case "h4":
      case "h5":
      case "h6":
        return [this.heading(node, place)];
      case "ul":
      case "ol":
        return [this.list(node, place)];
      case "dl":
        return this.definitions(elementsOf(node), place);
      case "pre":
        return this.code(node, place);
      case "hr":
        return [{ type: "thematicBreak", position: this.position(place) }];
      case "table":
        return this.table(node, place);
      case "div":
        if (classes.has("admonitionblock")) return this.admonition(node, place);
        if (classes.has("hdlist")) return this.titled(node, (table) => this.horizontal(table, place), place);
        if (classes.has("stemblock")) return this.titled(node, (content) => this.stem(content, place), place);
        return this.blocks(node.childNodes, place);
      default:
        return this.blocks(node.childNodes, place);
    }
  }

  private heading(node: Element, place: Place): Heading {
    const id = attributeOf(node, "id").replace(/[\s{}]/g, "-");
    const children = this.phrasing.of(node.childNodes);
    if (id !== "") children.push({ type: "text", value: ` {#${id}}` });
    return {
      type: "heading",
      depth: Number(node.tagName[1]) as Heading["depth"],
      children,
      position: this.position(place),
    };
  }

  private list(node: Element, place: Place): List {
    const ordered = node.tagName === "ol";
    const children = elementsOf(node).map((item): ListItem => {
      const own = placeIn(item.childNodes) ?? place;
      const blocks = this.blocks(item.childNodes, own).map(withoutHeading);
      return { type: "listItem", children: blocks as ListItem["children"], position: this.position(own) };
    });
    const start = Number(attributeOf(node, "start"));
    return { type: "list", ordered, ...(start > 0 && { start }), children, position: this.position(place) };
  }

  /** Each definition in a paragraph with its terms, as in "term: text". */
  private definitions(nodes: readonly Element[], place: Place): RootContent[] {
    const made: RootContent[] = [];
    let terms: Paragraph[] = [];
    for (const node of nodes) {
      if (node.tagName === "dt") terms.push(...this.paragraph(node.childNodes, place));
      else {
        const text = this.blocks(node.childNodes, placeIn(node.childNodes) ?? place);
        for (const block of defined(terms, text)) made.push(block);
        terms = [];
      }
    }
    return [...made, ...terms];
  }

  /** A definition list laid out as a table of terms and texts. */
  private horizontal(table: Element, place: Place): RootContent[] {
    return rowsOf(table).flatMap((row) => {
      const [term, text] = elementsOf(row);
      const terms = term ? this.paragraph(term.childNodes, place) : [];
      return defined(terms, text ? this.blocks(text.childNodes, placeIn(text.childNodes) ?? place) : []);
    });
  }

  private code(node: Element, place: Place): RootContent[] {
    const value = this.phrasing.code(node);
    if (value.trim() === "") return [];
    const [inner] = elementsOf(node);
    const lang = inner ? attributeOf(inner, "data-lang") : "";
    return [{ type: "code", lang: lang || null, value, position: this.position(place) }];
  }

  /** The title of a block, then what `read` makes of its other element. */
  private titled(node: Element, read: (content: Element) => RootContent[], place: Place): RootContent[] {
    return elementsOf(node).flatMap((part) =>
      classesOf(part).has("title") ? this.paragraph(part.childNodes, place) : read(part),
    );
  }

  private stem(content: Element, place: Place): RootContent[] {
    const value = textOf(content.childNodes)
      .trim()
      .replace(/^\\[$[(]([\s\S]*)\\[$\])]$/, "$1");
    return value === "" ? [] : [{ type: "code", lang: "math", value, position: this.position(place) }];
  }

  /** The label of an admonition precedes its first paragraph. */
  private admonition(node: Element, place: Place): RootContent[] {
    const [icon, content] = rowsOf(elementsOf(node)[0]!).flatMap(elementsOf);
    const label = icon ? textOf(icon.childNodes).trim() : "";
    const blocks = content ? this.blocks(content.childNodes, place) : [];
    return label === "" ? blocks : defined([this.line(label, place)], blocks);
  }

  private line(value: string, place: Place): Paragraph {
    return { type: "paragraph", children: [{ type: "text", value }], position: this.position(place) };
  }

  /** A table: its title, a head that is empty if it has none, and its rows. */
  private table(node: Element, place: Place): RootContent[] {
    const titles = elementsOf(node).filter(({ tagName }) => tagName === "caption");
    const head = elementsOf(node).find(({ tagName }) => tagName === "thead");
    const headRows = head ? rowsOf(head) : [];
    const rows = rowsOf(node).filter((row) => !headRows.includes(row));
    const empty: TableRow = { type: "tableRow", children: [] };
    const all = this.rows([...headRows, ...rows], place);
    const children = headRows.length > 0 ? all : [empty, ...all];
    const table: Table = { type: "table", children, position: this.position(place) };
    return [...titles.flatMap((title) => this.paragraph(title.childNodes, place)), table];
  }

  private rows(nodes: readonly Element[], place: Place): TableRow[] {
    const given = nodes.map((node) =>
      elementsOf(node).map((cell) => ({
        children: this.phrasing.of(cell.childNodes),
        rowSpan: spanOf(attributeOf(cell, "rowspan")),
        colSpan: spanOf(attributeOf(cell, "colspan")),
      })),
    );
    return spreadCells(given).map((children, i) => {
      const places = elementsOf(nodes[i]!)
        .map((cell) => markedPlace(attributeOf(cell, "class")))
        .filter((own): own is Place => own !== null);
      return { type: "tableRow", children, position: this.position(placeAround(places) ?? place) };
    });
  }

  private position([first, last]: Place): NonNullable<Paragraph["position"]> {
    const [start, end] = [this.pageLine(first), this.pageLine(last)];
    return { start: { line: start, column: 1 }, end: { line: Math.max(start, end), column: 1 } };
  }
}

/** From the first to the last line of some places; null without any. */
function placeAround(places: readonly Place[]): Place | null {
  if (places.length === 0) return null;
  return [Math.min(...places.map(([first]) => first)), Math.max(...places.map(([, last]) => last))];
}

/** A heading inside a list has no section. */
function withoutHeading(node: RootContent): RootContent {
  if (node.type !== "heading") return node;
  const children = node.children.filter((child) => child.type !== "text" || !/^ \{#[^{}]*\}$/.test(child.value));
  return { type: "paragraph", children, position: node.position };
}

/** The lines that the first text of some nodes is marked with; null if it has no mark, undefined if there is no text. */
function placeIn(nodes: readonly Node[]): Place | null | undefined {
  for (const node of nodes) {
    const found = isElement(node) ? placeIn(node.childNodes) : placeOfText(textOf([node]));
    if (found !== undefined) return found;
  }
  return undefined;
}

function placeOfText(text: string): Place | null | undefined {
  return text.trim() === "" ? undefined : markedPlace(text);
}

function rowsOf(node: Element): Element[] {
  return elementsOf(node).flatMap((child) =>
    child.tagName === "tr" ? [child] : /^t(?:head|body|foot)$/.test(child.tagName) ? rowsOf(child) : [],
  );
}

/** Terms in front of the text that explains them. */
function defined(terms: readonly Paragraph[], blocks: readonly RootContent[]): RootContent[] {
  if (terms.length === 0) return [...blocks];
  const [first, ...rest] = blocks;
  const names = terms.flatMap((term, i): PhrasingContent[] =>
    i === 0 ? term.children : [{ type: "text", value: ", " }, ...term.children],
  );
  const colon: PhrasingContent = {
    type: "text",
    value: inline({ type: "paragraph", children: names }).endsWith(":") ? " " : ": ",
  };
  const start = terms[0]!.position!.start;
  if (first?.type === "paragraph")
    return [
      { ...first, children: [...names, colon, ...first.children], position: { ...first.position!, start } },
      ...rest,
    ];
  return [
    { type: "paragraph", children: [...names, colon], position: { start, end: terms.at(-1)!.position!.end } },
    ...blocks,
  ];
}
