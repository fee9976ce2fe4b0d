import type { Element, Root } from "hast";
import { spaced } from "../../text/spacing.ts";
import { attributeOf, classesOf, descendants, elementsIn, type HtmlNode, isElement, textContent } from "./tree.ts";

/** Elements that show nothing, or nothing of the text. */
const UNSHOWN = new Set("head script style template noscript nav area".split(" "));
const ROLES = new Set("navigation search banner contentinfo menu menubar toolbar dialog alertdialog".split(" "));
/** Panels of tabs are text, shown or not. */
const PANEL_CLASSES = new Set("tab-pane tab-content tabcontent tab-panel sd-tab-content tabbed-block".split(" "));
/** Elements in which a button is a word of the text. */
const HOLDERS = new Set("p li td dd dt th summary h1 h2 h3 h4 h5 h6".split(" "));

/** Classes by which generators mark what is around the text. */
const AROUND = new Set(
  [
    // Links to sources
    "mw-editsection viewcode-link viewcode-back edit-this-page edit-link edit-page-link theme-edit-this-page edit-on-github",
    "md-content__button md-source-file md-top source-link skip-link skiplink skip-nav skip-to-content mw-jump-link",
    "visually-hidden sr-only screen-reader-text screenreader-only",
    // Numbers beside code
    "linenos linenodiv lineno line-numbers line-numbers-rows line-numbers-wrapper gutter ec-gutter rouge-gutter",
    "hljs-ln-numbers",
    // Tables of contents
    "toc table-of-contents tableofcontents toctree-wrapper page-toc on-this-page bd-toc theme-doc-toc-mobile",
    "theme-doc-toc-desktop VPDocAside VPDocAsideOutline local-toc toc-container toc-drawer toc-tree right-sidebar",
    // Navigation
    "breadcrumb breadcrumbs wy-breadcrumbs theme-doc-breadcrumbs pagination pagination-nav prev-next-area",
    "prev-next-footer prev-next rst-footer-buttons related-pages navheader navfooter nav-chapters nav-wrapper",
    "nav-wide-wrapper mobile-nav-chapters sphinxsidebar sphinxsidebarwrapper md-sidebar sidebar-drawer navbar menu-bar",
    "mdbook-help-container sub-nav top-nav bottom-nav topNav bottomNav subNav navList subNavList subNavPad nav-path",
    "navpath titlearea tabs-overlay-container header-article announcement announcementBar md-banner md-nav",
    "pager post-navigation page-nav footer site-footer page-footer book-footer",
    // Notes about the page
    "cookie-banner cookie-consent cookie-notice cookieconsent md-consent page-feedback was-this-helpful",
    "last-updated theme-last-updated page-metadata VPDocFooter printfooter catlinks versionwarning version-warning",
    "theme-doc-version-banner theme-doc-version-badge ethical-ads share-buttons search-form searchbox quick_search",
  ]
    .join(" ")
    .split(" "),
);
/** Classes of permanent links. Some generators make the whole heading one. */
const PERMALINKS = new Set("headerlink header-anchor hash-link anchorjs-link permalink octicon-link".split(" "));
const PERMALINK = /^(?:permanent |direct |perma)?(?:link|anchor)(?: to| for|$)|^permalink/i;
/** Classes of controls that copy code, and names that other elements have too. */
const COPIES = new Set(
  "copybtn copy-button copy-btn copy-code-button copy clip-button clipboard-button btn-clipboard buttons".split(" "),
);
const COPY_LABEL = /^(?:(?:cop(?:y|ied)|click|code|command|snippet|text|to|the|clipboard)\b[^\p{L}\p{N}]*)*$/iu;
/** A short question about the page. Longer text of this class is the page's own. */
const FEEDBACK = /helpful|\b(?:your|give|send|leave|provide) feedback\b|^feedback$/i;
const MAX_FEEDBACK = 200;
/** Ids of the same, which no heading's words give. */
const AROUND_IDS = new Set(
  "toc titlearea sphinxsidebar nav-path left-sidebar right-sidebar mw-navigation MSearchSelectWindow MSearchResultsWindow".split(
    " ",
  ),
);
const COPY = /cop(?:y|ied)|clipboard/i;

/** Takes what is not text of the page out of a tree: scripts, navigation, controls, and what is hidden from readers. */
export function removeNoise(node: Element | Root): void {
  const kept = (node.children as HtmlNode[]).filter((child) => !isElement(child) || !isNoise(child, node));
  node.children = kept as Element["children"];
  for (const child of elementsIn(node)) removeNoise(child);
}

function isNoise(element: Element, parent: Element | Root): boolean {
  const { tagName } = element;
  if (tagName === "script") return !isMath(element);
  if (tagName === "dialog") return element.properties.open !== true;
  if (UNSHOWN.has(tagName) || ROLES.has(attributeOf(element, "role"))) return true;
  if (isHidden(element) || isPermalink(element) || isSign(element, parent) || isCopy(element)) return true;
  if (tagName === "button") return !isWord(element, parent);
  if (tagName === "footer" || tagName === "aside") return isFrame(element, parent);
  return (isAround(element) || isFeedback(element) || isSummary(element, parent)) && !holdsTitle(element);
}

/** Formulas of MathJax before version 3. */
export function isMath(element: Element): boolean {
  return element.tagName === "script" && /^math\//.test(attributeOf(element, "type"));
}

function isHidden(element: Element): boolean {
  const { hidden, style } = element.properties;
  if (attributeOf(element, "role") === "tabpanel" || classesOf(element).some((name) => PANEL_CLASSES.has(name)))
    return false;
  if (hidden !== undefined && hidden !== null && hidden !== false && hidden !== "until-found") return true;
  if (attributeOf(element, "ariaHidden") === "true") return true;
  return typeof style === "string" && /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/i.test(style);
}

/** A link to a place in a page that shows only a sign, such as a pilcrow. */
export function isPermalink(element: Element): boolean {
  if (element.tagName !== "a" || !attributeOf(element, "href").includes("#")) return false;
  return !/[\p{L}\p{N}]/u.test(textContent(element)) && !elementsIn(element).some(({ tagName }) => tagName === "img");
}

/** An element with the class of a permanent link that shows a sign or a label, not the words of a heading. */
function isSign(element: Element, parent: Element | Root): boolean {
  if (!classesOf(element).some((name) => PERMALINKS.has(name))) return false;
  removeNoise(element);
  const words = spaced(textContent(element));
  return !/[\p{L}\p{N}]/u.test(words) || (PERMALINK.test(words) && words !== spaced(textContent(parent)));
}

/** A control that copies code, or its label. */
function isCopy(element: Element): boolean {
  if (!classesOf(element).some((name) => COPIES.has(name))) return false;
  const { tagName } = element;
  return tagName === "button" || tagName === "a" || COPY_LABEL.test(spaced(textContent(element)));
}

function isFeedback(element: Element): boolean {
  if (!classesOf(element).includes("feedback")) return false;
  const words = spaced(textContent(element));
  return words.length <= MAX_FEEDBACK && FEEDBACK.test(words);
}

/** A button that stands in text or opens a part of it. Others are controls. */
function isWord(button: Element, parent: Element | Root): boolean {
  if (COPY.test(`${classesOf(button).join(" ")} ${attributeOf(button, "ariaLabel")} ${textContent(button)}`))
    return false;
  if (attributeOf(button, "role") === "tab" || "ariaExpanded" in button.properties) return true;
  return isElement(parent) && HOLDERS.has(parent.tagName);
}

/** A footer or side bar of the page. Those of quotes and figures, footnotes and boxes beside the text are text. */
function isFrame(element: Element, parent: Element | Root): boolean {
  const classes = classesOf(element);
  if (classes.some((name) => /footnote|citation/.test(name))) return false;
  if (element.tagName === "footer")
    return !(isElement(parent) && (parent.tagName === "blockquote" || parent.tagName === "figure"));
  return (
    isAround(element) || classes.some((name) => /toc/i.test(name)) || (isElement(parent) && parent.tagName === "body")
  );
}

/** Doxygen's links to the parts of a page. */
function isSummary(element: Element, parent: Element | Root): boolean {
  return isElement(parent) && classesOf(parent).includes("header") && classesOf(element).includes("summary");
}

function isAround(element: Element): boolean {
  const classes = classesOf(element);
  if (element.tagName === "div" && AROUND_IDS.has(attributeOf(element, "id"))) return true;
  if (classes.includes("contents") && (classes.includes("topic") || classes.includes("local"))) return true;
  // Docusaurus and others add a hash to each name.
  return classes.some((name) => AROUND.has(name) || AROUND.has(name.replace(/_[\w-]{4,8}$/, "")));
}

/** A container that also holds the page's title is not noise, whatever its class. */
function holdsTitle(element: Element): boolean {
  for (const { tagName } of descendants(element)) if (tagName === "h1") return true;
  return false;
}

/** Words of an element as readers see them, for comparing lengths. */
export function lengthOf(element: Element): number {
  return spaced(textContent(element)).length;
}
