import type { Element, Root, Text } from "hast";
import { newlinesIn, spaced } from "../../text/spacing.ts";
import { markAnchors } from "./anchors.ts";
import { markLanguages } from "./code.ts";
import { attributeOf, classesOf, descendants, elementsIn, type HtmlNode, isElement, textContent } from "./tree.ts";

/** Characters that only allow or forbid a line break. */
const INVISIBLE = /[\u00ad\u200b\u2060\ufeff]/g;
const BOX =
  /^(?:admonition|admonitionblock|note|warning|tip|caution|important|danger|hint|info|sidebar|topic|seealso|alert|callout|custom-block|markdown-alert|theme-admonition)$/;
const BOX_TITLE =
  /^(?:title|admonition-title|admonitionHeading.*|topic-title|sidebar-title|custom-block-title|markdown-alert-title|alert-heading|callout-title)$/;
const TAB_LISTS = new Set("tabbed-labels tabs nav-tabs".split(" "));
const PANEL_CLASSES = new Set("tabbed-block tab-pane".split(" "));

/** Prepares the elements with a page's text: anchors, titles of boxes, tabs, and text without invisible characters. */
export function prepared(contents: Element[]): Root {
  const root: Root = { type: "root", children: contents };
  markAnchors(root);
  for (const element of descendants(root)) if (isFragment(element)) element.tagName = "pre";
  markLanguages(root);
  for (const element of [...descendants(root)]) pairTabs(element);
  titleBoxes(root, []);
  cleanTexts(root);
  return root;
}

/** Titles of notes and the like are labels, not headings of sections. */
function titleBoxes(node: Element | Root, around: readonly string[]): void {
  for (const child of elementsIn(node)) {
    const classes = classesOf(child);
    if (around.some((name) => BOX.test(name)) && classes.some((name) => BOX_TITLE.test(name))) {
      const label = spaced(textContent(child));
      if (/^h[1-6]$/.test(child.tagName)) child.tagName = "p";
      if (/[\p{L}\p{N}]$/u.test(label)) child.children.push({ type: "text", value: ":" });
    }
    titleBoxes(child, classes);
  }
}

/** Puts the label of each tab above its panel. */
function pairTabs(element: Element): void {
  const list = elementsIn(element).find(isTabList);
  if (!list) return;
  const labels = [...descendants(list)].filter(isLabel);
  const panels = elementsIn(element)
    .filter((each) => each !== list)
    .flatMap((each) => (isPanel(each) ? [each] : elementsIn(each).filter((inner) => isPanel(inner) || isGroup(each))));
  if (labels.length === 0 || labels.length !== panels.length) return;
  for (const [i, panel] of panels.entries()) {
    const { children, position } = labels[i]!;
    const label: Element = {
      type: "element",
      tagName: "p",
      properties: {},
      children: [...children],
      ...(position && { position }),
    };
    if (/[\p{L}\p{N}]$/u.test(spaced(textContent(label)))) label.children.push({ type: "text", value: ":" });
    panel.children.unshift(label);
  }
  element.children = element.children.filter((child) => child !== list);
}

function isTabList(element: Element): boolean {
  return attributeOf(element, "role") === "tablist" || classesOf(element).some((name) => TAB_LISTS.has(name));
}

function isLabel(element: Element): boolean {
  return attributeOf(element, "role") === "tab" || element.tagName === "label";
}

function isPanel(element: Element): boolean {
  return attributeOf(element, "role") === "tabpanel" || classesOf(element).some((name) => PANEL_CLASSES.has(name));
}

/** All blocks of code that VitePress shows one at a time. */
function isGroup(element: Element): boolean {
  return classesOf(element).includes("blocks");
}

/** Code of Doxygen, a `div` for each line. */
function isFragment(element: Element): boolean {
  return element.tagName === "div" && classesOf(element).includes("fragment");
}

/** Drops invisible characters, and limits the lines of a text outside code to those that show something. */
function cleanTexts(node: Element | Root, inCode = false): void {
  for (const child of node.children as HtmlNode[]) {
    if (child.type === "text") cleanText(child, inCode);
    else if (isElement(child)) cleanTexts(child, inCode || child.tagName === "pre");
  }
}

function cleanText(text: Text, inCode: boolean): void {
  const { position, value } = text;
  if (position && !inCode) {
    const trimmed = value.trim();
    const above = newlinesIn(value.slice(0, value.length - value.trimStart().length));
    const last = Math.min(position.end.line, position.start.line + above + newlinesIn(trimmed));
    position.start.line = Math.min(position.end.line, position.start.line + above);
    position.end.line = Math.max(position.start.line, last);
  }
  text.value = value.replace(INVISIBLE, "");
}
