import { attributeOf, type Element, type Node } from "../../html.ts";

/** Elements that readers do not see, and players whose text replaces them only where they cannot play. */
const HIDDEN = new Set("script style template noscript head iframe object audio video".split(" "));
const INLINE = new Set(
  "a abbr b bdi bdo big br button cite code data del dfn em font i img input ins kbd label mark q s samp small span strike strong sub sup time tt u var wbr".split(
    " ",
  ),
);

export function isElement(node: Node): node is Element {
  return "tagName" in node;
}

export function isHidden({ tagName }: Element): boolean {
  return HIDDEN.has(tagName);
}

export function isInline({ tagName }: Element): boolean {
  return INLINE.has(tagName);
}

export function elementsOf(node: Element): Element[] {
  return node.childNodes.filter(isElement);
}

export function classesOf(node: Element): Set<string> {
  return new Set(attributeOf(node, "class").split(/\s+/));
}
