import type { Element, Parents } from "hast";
import { defaultHandlers, type Handle, type State, toMdast } from "hast-util-to-mdast";
import type { Heading, ListItem, Nodes, Paragraph, PhrasingContent, Root, RootContent } from "mdast";
import { RAISED } from "../../html.ts";
import { spaced } from "../../text/spacing.ts";
import { inline } from "../../units.ts";
import { isSection } from "./anchors.ts";
import { codeOf } from "./code.ts";
import { isMath } from "./noise.ts";
import { prepared } from "./prepare.ts";
import { phrasingOf, tableBlocks } from "./tables.ts";
import { attributeOf, descendants, elementsIn, type HtmlNode, isElement, textContent } from "./tree.ts";

declare module "mdast" {
  interface HeadingData {
    /** Anchor that the page itself states; "" for none. Absent: made from the text. */
    anchor?: string;
  }
}

const HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"];
/** Elements whose text stands in the line, whatever they look like. */
const INLINE = "b strong i em u mark s del strike ins small code kbd samp tt var abbr content element shadow".split(
  " ",
);
/** Elements that stand on lines of their own. */
const FLOW =
  "address article aside body center dd details dialog div dt fieldset figcaption figure footer form header hgroup html legend main menu multicol nav p picture section summary".split(
    " ",
  );
/** Shows nothing, and keeps the text before and after it apart. With `data.outer` it ends a list of terms. */
const BREAK = "thematicBreak";

/** The blocks of a page's text, with positions, as a Markdown tree. `lines`: those of the file. */
export function blocksOf(contents: Element[], lines: number): Root {
  const tree = prepared(contents);
  const made = toMdast(tree, { document: true, handlers: new Handlers().all() });
  const root: Root = made.type === "root" ? made : { type: "root", children: [made as RootContent] };
  root.children = resumed(root.children);
  place(root, lines);
  return root;
}

/** What each element becomes. One object a page: it knows the heading that the text stands below. */
class Handlers {
  private current: Heading | null = null;

  all(): Record<string, Handle> {
    const through: Handle = (state, node) => state.all(node);
    const flow: Handle = (state, node) => apart(state.toFlow(state.all(node)));
    return {
      ...Object.fromEntries(INLINE.map((tag) => [tag, through])),
      ...Object.fromEntries(FLOW.map((tag) => [tag, flow])),
      ...Object.fromEntries(HEADINGS.map((tag) => [tag, (state: State, node: Element) => this.heading(state, node)])),
      ...Object.fromEntries(Object.entries(RAISED).map(([tag, mark]) => [tag, raised(mark)])),
      a: link,
      pre: (_, node) => apart(codeOf(node)),
      table: (state, node) => apart(tableBlocks(state, node)),
      dl: (state, node) => this.terms(state, node),
      li: (state, node, parent) => (isList(parent) ? defaultHandlers.li(state, node) : flow(state, node, parent)),
      ol: list,
      ul: list,
      math: (_, node) => textAt(node, formula(node)),
      script: (_, node) => (isMath(node) ? textAt(node, textContent(node)) : undefined),
      svg: (_, node) => textAt(node, drawn(node)),
      wbr: () => undefined,
    };
  }

  private heading(state: State, node: Element): RootContent[] {
    const depth = (HEADINGS.indexOf(node.tagName) + 1) as Heading["depth"];
    return this.opened(state, node, depth);
  }

  private opened(state: State, node: Element, depth: Heading["depth"]): RootContent[] {
    const children = phrasingOf(state.all(node));
    const heading: Heading = { type: "heading", depth, children, data: { anchor: attributeOf(node, "dataAnchor") } };
    state.patch(node, heading);
    if (textOf(children) === "") return apart([]);
    this.current = heading;
    return [heading];
  }

  /** A list of terms: those with an address open sections, others are list items with their definition. */
  private terms(state: State, list: Element): RootContent[] {
    const outer = this.current;
    const depth = Math.min(6, (outer?.depth ?? 1) + 1) as Heading["depth"];
    const groups = groupsOf(list);
    const blocks = groups.flatMap(({ terms, rest }): RootContent[] => {
      if (terms.some((term) => isSection(term, list))) {
        const [first, ...more] = terms;
        const shown = [...this.opened(state, first!, depth), ...more.flatMap((term) => state.toFlow(state.all(term)))];
        return [...shown, ...definitionOf(state, rest)];
      }
      return itemOf(state, terms, definitionOf(state, rest));
    });
    this.current = outer;
    const end: RootContent = { type: BREAK };
    Object.assign(end, { data: { outer } });
    return blocks.some(({ type }) => type === "heading") ? [...blocks, end] : apart(blocks);
  }
}

interface Group {
  terms: Element[];
  rest: HtmlNode[];
}

/** Terms with their definitions, also where they are wrapped in pairs. Anything else belongs to the term above. */
function groupsOf(list: Element): Group[] {
  const groups: Group[] = [];
  const add = (node: HtmlNode) => {
    if (isElement(node) && node.tagName === "div" && elementsIn(node).some(({ tagName }) => /^d[td]$/.test(tagName)))
      node.children.forEach(add);
    else if (!isElement(node) || node.tagName !== "dt") (groups.at(-1) ?? open(groups)).rest.push(node);
    else if (groups.at(-1)?.rest.every(isBlank)) groups.at(-1)!.terms.push(node);
    else open(groups).terms.push(node);
  };
  list.children.forEach(add);
  return groups;
}

function isBlank(node: HtmlNode): boolean {
  return node.type === "comment" || (node.type === "text" && node.value.trim() === "");
}

function open(groups: Group[]): Group {
  groups.push({ terms: [], rest: [] });
  return groups.at(-1)!;
}

function definitionOf(state: State, rest: HtmlNode[]): RootContent[] {
  return flowOf(state, rest).filter((node) => node.type !== BREAK || endOf(node) !== undefined);
}

/** The blocks of nodes outside the element that they stand in: an item of a list is none. */
function flowOf(state: State, nodes: readonly HtmlNode[]): RootContent[] {
  return state.toFlow(nodes.flatMap((node) => (state.one(node as Element, undefined) ?? []) as RootContent[]));
}

/** A list item: "term: definition", then the definition's other blocks. */
function itemOf(state: State, terms: Element[], blocks: RootContent[]): RootContent[] {
  const names = terms.flatMap((term, i) => [...(i > 0 ? [text(", ")] : []), ...phrasingOf(state.all(term))]);
  const [first] = blocks;
  const label = textOf(names);
  const joined = first?.type === "paragraph" && label !== "";
  const colon = /[\p{L}\p{N})\]>'"]$/u.test(label) ? ": " : " ";
  const head: Paragraph = { type: "paragraph", children: joined ? [...names, text(colon), ...first.children] : names };
  const children = joined ? [head, ...blocks.slice(1)] : label === "" ? blocks : [head, ...blocks];
  if (children.length === 0) return [];
  const item: ListItem = { type: "listItem", spread: false, children: children as ListItem["children"] };
  return [{ type: "list", ordered: false, spread: false, children: [item] }];
}

function isList(node: Parents | undefined): boolean {
  return node?.type === "element" && /^(?:ol|ul|dir)$/.test(node.tagName);
}

function apart(blocks: RootContent[]): RootContent[] {
  return blocks.length > 0 ? blocks : [{ type: BREAK }];
}

/** A list, or the sections in it: Javadoc puts each into a list item. */
function list(state: State, node: Element): RootContent[] {
  const sections = [...descendants(node)].some(({ tagName }) => HEADINGS.includes(tagName));
  if (sections) return flowOf(state, node.children);
  const made = (node.tagName === "ol" ? defaultHandlers.ol : defaultHandlers.ul)(state, node);
  return [made];
}

function link(state: State, node: Element): RootContent[] {
  const children = state.all(node);
  const url = attributeOf(node, "href");
  if (url === "" || children.some(({ type }) => !/^(?:text|image|break|inlineCode)$/.test(type))) return children;
  const made = { type: "link" as const, url: state.resolve(url), children: children as PhrasingContent[] };
  state.patch(node, made);
  return [made];
}

function raised(mark: string): Handle {
  return (state, node) => {
    const children = state.all(node);
    return textOf(children) === "" ? children : [text(mark), ...children];
  };
}

/** A formula in its source language if the page has it. */
function formula(math: Element): string {
  const source = [...descendants(math)].find((each) => /tex/i.test(attributeOf(each, "encoding")));
  return source
    ? textContent(source)
    : attributeOf(math, "alttext") || attributeOf(math, "altText") || textContent(math);
}

/** The words of a drawing, one after the other. */
function drawn(svg: Element): string {
  const words = [...descendants(svg)].filter(({ tagName }) => tagName === "text" || tagName === "foreignObject");
  return words.map((each) => textContent(each)).join(" ");
}

function textAt(node: Element, value: string): PhrasingContent[] {
  const shown = spaced(value);
  if (shown === "") return [];
  return [{ type: "text", value: ` ${shown} `, ...(node.position && { position: { ...node.position } }) }];
}

function text(value: string): PhrasingContent {
  return { type: "text", value };
}

function textOf(children: RootContent[]): string {
  return inline({ type: "root", children });
}

/** Repeats the heading above a list of terms where text goes on below the list. */
function resumed(children: RootContent[]): RootContent[] {
  return children.flatMap((node, i): RootContent[] => {
    const outer = endOf(node);
    if (outer === undefined) return [node];
    const next = children[i + 1];
    return outer === null || next === undefined || next.type === "heading" || endOf(next) !== undefined ? [] : [outer];
  });
}

/** The heading above a list that ends here; null for none, undefined if no list ends. */
function endOf(node: RootContent): Heading | null | undefined {
  const data = node.type === BREAK ? (node.data as { outer?: Heading | null } | undefined) : undefined;
  return data && "outer" in data ? (data.outer ?? null) : undefined;
}

/** Gives each node the lines of what it holds, since many are made of several elements, and drops breaks. */
function place(node: Nodes, lines: number): void {
  if (node.position) node.position.end.line = Math.min(lines, node.position.end.line);
  if (!("children" in node)) return;
  node.children = (node.children as RootContent[]).filter(({ type }) => type !== BREAK) as typeof node.children;
  for (const child of node.children) place(child, lines);
  const held = node.children.flatMap(({ position }) => position ?? []);
  if (held.length === 0) return;
  const start = held.reduce((first, { start }) => (start.line < first.line ? start : first), held[0]!.start);
  const end = held.reduce((last, { end }) => (end.line > last.line ? end : last), held[0]!.end);
  node.position = { start, end };
}
