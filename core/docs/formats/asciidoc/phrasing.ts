import type { Link, PhrasingContent } from "mdast";
import { attributeOf, type Element, type Node, RAISED } from "../../html.ts";
import { isElement, isHidden, isInline } from "./elements.ts";
import { withoutPlaces } from "./places.ts";

/** Pages that a page refers to, by the target of the reference. */
export type Targets = Readonly<Record<string, { url: string; title: string }>>;

/** Delimiters of formulas. */
const STEM = /\\\$([\s\S]*?)\\\$|\\\(([\s\S]*?)\\\)/g;

/** Reads inline elements. */
export class Phrasing {
  /** @param notes nodes of each footnote by its number; each is shown where it is first referred to */
  constructor(
    private readonly targets: Targets,
    private readonly notes: Map<string, Node[]>,
  ) {}

  of(nodes: readonly Node[]): PhrasingContent[] {
    return nodes.flatMap((node) => (isElement(node) ? this.element(node) : this.text(node)));
  }

  private text(node: Node): PhrasingContent[] {
    const value = shown(textOf([node]));
    return value === "" ? [] : [{ type: "text", value }];
  }

  private element(node: Element): PhrasingContent[] {
    if (isHidden(node)) return [];
    switch (node.tagName) {
      case "br":
        return [{ type: "break" }];
      case "img":
        return [{ type: "image", url: attributeOf(node, "src"), alt: attributeOf(node, "alt") }];
      case "a":
        return this.link(node);
      case "code":
        return [{ type: "inlineCode", value: shown(textOf(node.childNodes)) }];
      case "sup":
      case "sub":
        if (/\bfootnote/.test(attributeOf(node, "class"))) return this.note(node);
        return [{ type: "text", value: RAISED[node.tagName]! }, ...this.of(node.childNodes)];
      default: {
        const inside = this.of(node.childNodes);
        const space: PhrasingContent = { type: "text", value: " " };
        return isInline(node) ? inside : [space, ...inside, space];
      }
    }
  }

  private link(node: Element): PhrasingContent[] {
    const href = attributeOf(node, "href");
    if (href === "") return this.of(node.childNodes);
    const [path = "", ...fragment] = href.split("#");
    const target = Object.hasOwn(this.targets, path) ? this.targets[path] : undefined;
    const url = target ? [target.url, ...fragment].join("#") : href;
    const isUntitled = target && textOf(node.childNodes) === path;
    const children = isUntitled ? [{ type: "text" as const, value: target.title }] : this.of(node.childNodes);
    return [{ type: "link", url, children: children as Link["children"] }];
  }

  /** A footnote in parentheses where its number stands; nothing where the number is repeated. */
  private note(node: Element): PhrasingContent[] {
    const number = /\d+/.exec(textOf(node.childNodes))?.[0] ?? "";
    const nodes = this.notes.get(number);
    if (!nodes) return /footnoteref red/.test(attributeOf(node, "class")) ? this.of(node.childNodes) : [];
    this.notes.delete(number);
    return [{ type: "text", value: " (" }, ...trimmed(this.of(nodes)), { type: "text", value: ")" }];
  }

  /** Code with its line breaks. */
  code(node: Element): string {
    return withoutPlaces(textOf(node.childNodes)).replace(/^\n|\s+$/g, "");
  }
}

/** All text of some nodes. */
export function textOf(nodes: readonly Node[]): string {
  return nodes
    .map((node) => {
      if (!isElement(node)) return "value" in node ? node.value : "";
      return isHidden(node) ? "" : textOf(node.childNodes);
    })
    .join("");
}

/** Text without the marks of places and formulas, and without the spaces of no width that follow a dash or dots. */
function shown(text: string): string {
  return withoutPlaces(text)
    .replace(STEM, (_, dollars?: string, brackets?: string) => dollars ?? brackets ?? "")
    .replace(/\u200b/g, "")
    .replace(/\u2009/g, " ");
}

/** Without the blanks at both ends. */
export function trimmed(nodes: readonly PhrasingContent[]): PhrasingContent[] {
  return nodes.map((node, i) => {
    if (node.type !== "text") return node;
    const value = i === 0 ? node.value.trimStart() : node.value;
    return { ...node, value: i === nodes.length - 1 ? value.trimEnd() : value };
  });
}
