import { labelOf, literally } from "../markdown/labels.ts";

const BRACES = String.raw`\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\}`;
const VALUE = `(?:"[^"]*"|'[^']*'|${BRACES})`;
const COMPONENT = new RegExp(
  String.raw`<(\/?)([A-Z][A-Za-z0-9.]*[a-z][A-Za-z0-9.]*)((?:\s+(?:[\w:@#.-]+(?:=${VALUE})?|${BRACES}))*)\s*(\/?)>`,
  "g",
);
const ATTRIBUTE = new RegExp(String.raw`([\w:@#.-]+)(?:=(${VALUE}))?|${BRACES}`, "g");
const TOOLTIP = /<([A-Z]\w*)((?:\s+[\w-]+="[^"]*")*\s+tip="([^"]*)"(?:\s+[\w-]+="[^"]*")*)\s*>([^<]*)<\/\1>/g;
const TITLES = ["label", "title", "heading", "summary"];
/** Attributes in which API references keep the name of the documented field. */
const FIELDS = ["header", "path", "query", "body", "name"];
const REMARK = /^(?:note|tip|hint|info|important|warning|caution|danger|check|success|error)$/i;
/** Attributes that hold names of files and pictures. */
const PICTURE = /icon|image|img|logo|slot|svg|emoji|snippet/i;

/** A tag at the start of a line, and whether it is closing or self-closing. */
const FIRST_TAG = /^ {0,3}<(\/?)([A-Z][\w.]*)(?=[\s>/]|$)(?:.*(\/)>\s*$)?/;

type Attributes = ReadonlyMap<string, string>;

/**
 * Removes MDX and Vue components from a text. Each leaves its title, or the name and type of the field it documents.
 *
 * @param tags of the whole page: a component must be closed there. Otherwise `<Name>` is a placeholder.
 */
export function withoutComponents(text: string, tags: PageTags): string {
  return text
    .replace(TOOLTIP, (_tag, _name, _attributes, tip: string, inside: string) => `${inside} (${tip})`)
    .replace(COMPONENT, (tag: string, ...groups: string[]) => component(tag, groups, tags));
}

/** A text without components and without the text they show. */
export function bare(text: string): string {
  return text.replace(COMPONENT, "");
}

/** Names of the components that a page opens and closes. */
export interface PageTags {
  opened: ReadonlySet<string>;
  closed: ReadonlySet<string>;
}

export function tagsOf(page: string): PageTags {
  const opened = page.matchAll(/<([A-Z][A-Za-z0-9.]*)/g);
  const closed = page.matchAll(/<\/([A-Z][A-Za-z0-9.]*)>/g);
  return {
    opened: new Set(Array.from(opened, ([, name]) => name!)),
    closed: new Set(Array.from(closed, ([, name]) => name!)),
  };
}

/** Tracks which components are open at the left margin of a page. Their content may be indented without being code. */
export class OpenComponents {
  private readonly names: string[] = [];

  constructor(private readonly tags: PageTags) {}

  get any(): boolean {
    return this.names.length > 0;
  }

  see(line: string): void {
    const [, closing, name, alone] = FIRST_TAG.exec(line) ?? [];
    if (name === undefined || alone) return;
    const open = this.names.lastIndexOf(name);
    if (closing) this.names.length = open < 0 ? this.names.length : open;
    else if (!line.includes(`</${name}>`) && this.tags.closed.has(name)) this.names.push(name);
  }
}

function component(tag: string, [closing, name, list, alone]: string[], tags: PageTags): string {
  if (closing === "/") return tags.opened.has(name!) ? "" : tag;
  if (alone !== "/" && !/[={]/.test(list!) && !tags.closed.has(name!)) return tag;
  const attributes = attributesOf(list!);
  const title = firstOf(TITLES, attributes);
  // Words may follow directly and would keep the stars from closing.
  if (title !== "") return `${labelOf(literally(title))} `;
  const kind = [name!, attributes.get("type") ?? ""].find((word) => REMARK.test(word));
  if (kind && alone !== "/") return `${labelOf(kind[0]!.toUpperCase() + kind.slice(1))} `;
  const field = PICTURE.test(name!) ? "" : firstOf(FIELDS, attributes);
  if (field !== "") return `${labelOf(literally(`${field}${detailsOf(attributes)}`))} `;
  return attributes.get("text") ?? attributes.get("alt") ?? "";
}

/** Details that an API reference shows beside a field's name. */
function detailsOf(attributes: Attributes): string {
  const flags = ["required", "deprecated"].filter((flag) => attributes.has(flag));
  const initial = attributes.get("default") ?? "";
  const details = [attributes.get("type") ?? "", ...flags, initial && `default ${initial}`].filter(Boolean);
  return details.length === 0 ? "" : ` (${details.join(", ")})`;
}

function firstOf(keys: string[], attributes: Attributes): string {
  return keys.map((key) => attributes.get(key) ?? "").find(Boolean) ?? "";
}

/** Attributes with a literal value. An attribute without a value is "". */
function attributesOf(list: string): Attributes {
  const found = new Map<string, string>();
  for (const [, name, value] of list.matchAll(ATTRIBUTE)) {
    if (name === undefined || value === "{false}") continue;
    const literal = /^\{?\s*(["'`])([\s\S]*)\1\s*\}?$/.exec(value ?? "");
    found.set(name, literal?.[2]?.replace(/\s+/g, " ").trim() ?? "");
  }
  return found;
}
