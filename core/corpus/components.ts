const BRACES = String.raw`\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\}`;
const VALUE = `(?:"[^"]*"|'[^']*'|${BRACES})`;
const COMPONENT = new RegExp(
  String.raw`<(\/?)([A-Z][A-Za-z0-9.]*[a-z][A-Za-z0-9.]*)((?:\s+(?:[\w:@#.-]+(?:=${VALUE})?|${BRACES}))*)\s*(\/?)>`,
  "g",
);
const ATTRIBUTE = new RegExp(String.raw`([\w:@#.-]+)(?:=(${VALUE}))?|${BRACES}`, "g");
const TOOLTIP = /<([A-Z]\w*)((?:\s+[\w-]+="[^"]*")*\s+tip="([^"]*)"(?:\s+[\w-]+="[^"]*")*)\s*>([^<]*)<\/\1>/g;
const TITLES = ["label", "title", "heading", "summary"];
/** Where API references keep the name of what they document. */
const FIELDS = ["header", "path", "query", "body", "name"];
const REMARK = /^(?:note|tip|hint|info|important|warning|caution|danger|check|success|error)$/i;
/** Their names are of files and pictures. */
const PICTURE = /icon|image|img|logo|slot|svg|emoji|snippet/i;

type Attributes = ReadonlyMap<string, string>;

/**
 * A text without the components of MDX and Vue: of each, its title, or the name and type of the field it documents.
 *
 * @param page the whole page: a component is one that is closed there, else `<Name>` stands for what the reader fills in.
 */
export function withoutComponents(text: string, page: string): string {
  return text
    .replace(TOOLTIP, (_tag, _name, _attributes, tip: string, inside: string) => `${inside} (${tip})`)
    .replace(COMPONENT, (tag: string, ...groups: string[]) => component(tag, groups, page));
}

/** A text without components and what they show. */
export function bare(text: string): string {
  return text.replace(COMPONENT, "");
}

function component(tag: string, [closing, name, list, alone]: string[], page: string): string {
  if (closing === "/") return page.includes(`<${name}`) ? "" : tag;
  if (alone !== "/" && !/[={]/.test(list!) && !page.includes(`</${name}>`)) return tag;
  const attributes = attributesOf(list!);
  const title = firstOf(TITLES, attributes);
  if (title !== "") return `**${title}:**`;
  const kind = [name!, attributes.get("type") ?? ""].find((word) => REMARK.test(word));
  // Words may follow at once, and would keep the stars from closing.
  if (kind && alone !== "/") return `**${kind[0]!.toUpperCase()}${kind.slice(1)}:** `;
  const field = PICTURE.test(name!) ? "" : firstOf(FIELDS, attributes);
  if (field !== "") return `**${field}${detailsOf(attributes)}:**`;
  return attributes.get("text") ?? attributes.get("alt") ?? "";
}

/** What an API reference shows beside a field's name. */
function detailsOf(attributes: Attributes): string {
  const flags = ["required", "deprecated"].filter((flag) => attributes.has(flag));
  const initial = attributes.get("default") ?? "";
  const details = [attributes.get("type") ?? "", ...flags, initial && `default ${initial}`].filter(Boolean);
  return details.length === 0 ? "" : ` (${details.join(", ")})`;
}

function firstOf(keys: string[], attributes: Attributes): string {
  return keys.map((key) => attributes.get(key) ?? "").find(Boolean) ?? "";
}

/** Attributes whose value is a literal; one without a value is "". */
function attributesOf(list: string): Attributes {
  const found = new Map<string, string>();
  for (const [, name, value] of list.matchAll(ATTRIBUTE)) {
    if (name === undefined || value === "{false}") continue;
    const literal = /^\{?\s*(["'`])([\s\S]*)\1\s*\}?$/.exec(value ?? "");
    found.set(name, literal?.[2]?.replace(/\s+/g, " ").trim() ?? "");
  }
  return found;
}
