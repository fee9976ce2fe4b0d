import type { Heading, Nodes, Root, RootContent } from "mdast";
import { type AnchorStyle, Anchors } from "./anchors.ts";
import { type Definitions, inline, type Unit, unitsOf } from "./units.ts";

/** A section of a page: its heading trail, anchor, and the blocks up to the next heading. */
export interface Section {
  /** Page title first. */
  heading: string[];
  anchor: string;
  units: Unit[];
  /** First and last line in the source file, the heading's own included. */
  lines: [number, number];
}

export interface PageText {
  title: string;
  /** Shown above the body unless the body already contains it. */
  description: string;
  /** Lines of the file before the body. */
  offset: number;
}

/** Splits a page at its headings. `root` is the tree of its body. Positions are lines of the source file, 1-based. */
export function sectionsOf(page: PageText, root: Root, style?: AnchorStyle): Section[] {
  const definitions = definitionsIn(root);
  const anchors = new Anchors(style);
  const trail: { depth: number; text: string }[] = [];
  const sections: Section[] = [{ heading: [page.title], anchor: "", units: [], lines: [1, Math.max(1, page.offset)] }];
  for (const node of root.children) {
    if (node.type !== "heading") {
      addUnits(sections.at(-1)!, node, page.offset, definitions);
      continue;
    }
    const given = node.data?.anchor;
    const { text, anchor } = given === undefined ? anchors.take(inline(node)) : { text: inline(node), anchor: given };
    while (trail.length > 0 && trail.at(-1)!.depth >= node.depth) trail.pop();
    trail.push({ depth: node.depth, text });
    const steps = trail.map((step) => step.text).filter((step) => step !== "");
    const heading = steps[0] === page.title ? steps : [page.title, ...steps];
    sections.push({ heading, anchor, units: [], lines: rangeOf(node, page.offset) });
  }
  addDescription(sections, page);
  return withHeadingsSeen(sections);
}

/** Puts the description first unless the page already contains it. */
function addDescription(sections: Section[], { description, offset }: PageText): void {
  if (!description || sections.some(({ units }) => units.some((unit) => unit.text.includes(description)))) return;
  sections[0]!.units.unshift({ kind: "prose", text: description, lines: [1, Math.max(1, offset)], links: [] });
}

/** Markdown uses the first definition of a label, wherever it is. */
function definitionsIn(root: Root): Definitions {
  const found = new Map<string, string>();
  const visit = (node: Nodes) => {
    if (node.type === "definition" && !found.has(node.identifier)) found.set(node.identifier, node.url);
    if ("children" in node && node.type !== "paragraph" && node.type !== "table") node.children.forEach(visit);
  };
  visit(root);
  return found;
}

/**
 * Drops a section that only holds subsections: their trails contain its heading. A heading with nothing below becomes
 * its own text.
 */
function withHeadingsSeen(sections: Section[]): Section[] {
  return sections.filter((section, i) => {
    if (section.units.length > 0) return true;
    const next = sections[i + 1];
    const inside =
      next &&
      next.heading.length > section.heading.length &&
      section.heading.every((step, j) => next.heading[j] === step);
    if (inside || (i === 0 && sections.length > 1)) return false;
    section.units.push({ kind: "prose", text: section.heading.at(-1)!, lines: section.lines, links: [] });
    return true;
  });
}

function addUnits(section: Section, node: RootContent, offset: number, definitions: Definitions): void {
  for (const unit of unitsOf(node, definitions)) {
    const lines: [number, number] = [unit.lines[0] + offset, unit.lines[1] + offset];
    section.units.push({ ...unit, lines });
  }
}

function rangeOf(node: Heading, offset: number): [number, number] {
  return [(node.position?.start.line ?? 1) + offset, (node.position?.end.line ?? 1) + offset];
}
