import { featureState } from "./kubernetes.ts";

export interface ShortcodeParams {
  named: Record<string, string>;
  positional: string[];
}

/** Lookups in other pages of the source, and the count of missing text. */
export interface ShortcodeContext {
  /** Short and full definition of a glossary term, as Markdown. */
  glossary(id: string): { short: string; all: string } | null;
  /** Title of a glossary term. */
  term(id: string): string | null;
  /** Latest stage of a feature gate. */
  featureGate(name: string): { stage: string; from: string; enabled: boolean | null } | null;
  /** Description of a feature gate as Markdown. */
  featureGateText(name: string): string | null;
  /** Markdown of an included page, or null if the source does not hold it. */
  include(file: string): string | null;
  /** Counts an unknown shortcode, or one whose text is not in the source. */
  missing(name: string): void;
}

type Render = (params: ShortcodeParams, context: ShortcodeContext, closing: boolean) => string;

const HEADINGS: Record<string, string> = {
  objectives: "Objectives",
  prerequisites: "Before you begin",
  whatsnext: "What's next",
  cleanup: "Cleaning up",
  synopsis: "Synopsis",
  options: "Options",
  parentoptions: "Options inherited from parent commands",
  seealso: "See Also",
  envvars: "Environment variables",
  discussion: "Discussion",
};

const label =
  (text: string): Render =>
  (_params, _context, closing) =>
    closing ? "" : `**${text}:**`;
const nothing: Render = () => "";
const fence: Render = ({ positional }, _context, closing) => (closing ? "```" : `\`\`\`${positional[0] ?? ""}`);
const target: Render = ({ positional, named }) => positional[0] ?? named.path ?? "";

/** Text of one tag of each shortcode. Most closing tags give none. */
const TEXTS: Record<string, Render> = {
  note: label("Note"),
  caution: label("Caution"),
  warning: label("Warning"),
  tip: label("Tip"),
  important: label("Important"),
  info: label("Info"),
  tabs: nothing,
  tab: ({ named }, _context, closing) => (closing || !named.name ? "" : `**${named.name}:**`),
  table: ({ named }, _context, closing) => (closing ? "" : (named.caption ?? "")),
  details: ({ named }, _context, closing) => (closing || !named.summary ? "" : `**${named.summary}**`),
  alert: ({ named }, _context, closing) => (closing || !named.title ? "" : `**${named.title}**`),
  mermaid: fence,
  highlight: fence,
  ref: target,
  relref: target,
  link: ({ named }) => `[${named.text ?? named.url ?? ""}](${named.url ?? ""})`,
  figure: ({ named }) => [named.title, named.alt, named.caption].filter(Boolean).join(". "),
  heading: ({ positional }) => HEADINGS[positional[0] ?? ""] ?? positional[0] ?? "",
  glossary_tooltip: ({ named, positional }, context) => {
    const id = named.term_id ?? positional[0] ?? "";
    return named.text ?? context.term(id) ?? id;
  },
  glossary_definition: ({ named }, context) => {
    const term = context.glossary(named.term_id ?? "");
    if (!term) return caption("glossary_definition", named.term_id ?? "", context);
    const text = named.length === "short" ? term.short : term.all;
    return named.prepend ? `${named.prepend} ${text.slice(0, 1).toLowerCase()}${text.slice(1)}` : text;
  },
  "feature-state": ({ named }, context) =>
    featureState(named, named.feature_gate_name ? context.featureGate(named.feature_gate_name) : null),
  "feature-gate-description": ({ named }, context) =>
    context.featureGateText(named.name ?? "") ?? caption("feature-gate-description", named.name ?? "", context),
  include: ({ positional, named }, context) => {
    const file = positional[0] ?? named.file ?? "";
    return context.include(file) ?? caption("include", file, context);
  },
  "api-reference": ({ named }) => named.text ?? (named.page ?? "").split("/").at(-1) ?? "",
  "page-api-reference": ({ named }) => named.kind ?? "",
};

/** Parameters in which themes keep a wrapper's visible title or kind of remark. */
const TITLES = ["title", "name", "summary", "question", "heading", "header", "label", "caption"];
const REMARK = /^(note|tip|hint|info|important|warning|caution|danger|attention|example|success|error)$/i;

/**
 * The text of one shortcode tag. An unknown tag that wraps text of the page (`wraps`) gives its title or kind of
 * remark. Any other unknown tag becomes a caption of its name and parameters, and is counted.
 */
export function render(
  name: string,
  params: ShortcodeParams,
  { closing, wraps }: { closing: boolean; wraps: boolean },
  context: ShortcodeContext,
): string {
  const known = Object.hasOwn(TEXTS, name) ? TEXTS[name] : undefined;
  if (known) return known(params, context, closing);
  if (closing) return "";
  if (wraps) return wrapperTitle(params);
  const values = [...params.positional, ...Object.values(params.named)].join(" ");
  return caption(name, values, context);
}

function wrapperTitle({ named, positional }: ShortcodeParams): string {
  const title = TITLES.map((key) => named[key]).find(Boolean);
  if (title) return `**${title}${/[.:?!]$/.test(title) ? "" : ":"}**`;
  const kind = named.type ?? positional[0] ?? "";
  return REMARK.test(kind) ? `**${kind.slice(0, 1).toUpperCase()}${kind.slice(1).toLowerCase()}:**` : "";
}

/** Replaces text that is not in the source: a code sample's file, a site parameter. */
function caption(name: string, what: string, context: ShortcodeContext): string {
  context.missing(name);
  const plain = name.replace(/[_-]/g, " ").replace(/^codenew$|^code$/, "code sample");
  return `(${[plain, what].filter(Boolean).join(": ")})`;
}
