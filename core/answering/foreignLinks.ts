import type { Nodes, Parent, Root } from "mdast";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";

/** Thrown for text whose links and HTML cannot be removed: it is nested deeper than an answer is. */
export class TangledText extends Error {}

/**
 * Both dialects, because they disagree on where code ends: a bar in a table splits a code span for GitHub, and the
 * link inside it comes to life.
 */
const DIALECTS = [unified().use(remarkParse), unified().use(remarkParse).use(remarkGfm)];
/** The text is parsed again after each removal. Links that still form after this many rounds are an attack. */
const MAX_ROUNDS = 8;
/** A parser's time grows with the square of these. An answer has a tenth of them at most. */
const MAX_MARKS = 2000;
const MAX_LINES = 3000;
const MARKS = /[*_[\]<>`~&!\\|@]/g;

const REMOVED = "(link removed)";
const ADDRESS =
  /(?:(?<![a-z])[a-z][a-z0-9+.-]{1,20}:\/\/|\b(?:(?:java|vb)script|mailto|xmpp|tel|blob):(?=[^\s:])|\bfile:\/|\bdata:(?=[\w.+-]+\/[\w.+-]+[;,]|[;,])|(?<![a-z0-9])www\.)[^\s<>)\]]+/gi;
/** What may follow an address without being a part of it. */
const TRAIL = /[)\]!"',.:;?]*$/;
const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const TAG = /<!--[\s\S]*?(?:-->|$)|<[?!][^>]*(?:>|$)|<\/?[A-Za-z][^>]*(?:>|$)/g;
/** `<pod name>`: a gap for the reader to fill. It has no value and no quote. */
const GAP = /^<\/?([A-Za-z][\w-]*)[\w .:/|-]*>$/;
/** Names of elements, apart from words such as `<label>` and `<source>` that name a gap as often. */
const ELEMENTS = new Set(
  (
    "a abbr applet area audio b base bdi bdo blockquote body br button canvas caption center cite code col colgroup " +
    "dd del details dfn dialog div dl dt em embed fieldset figcaption figure font frame frameset h1 h2 h3 h4 h5 h6 " +
    "head hr html i iframe img input ins kbd li link map mark marquee math meta nav noscript ol p picture plaintext " +
    "pre q rp rt ruby s samp script small span strike strong style sub sup svg table tbody td template textarea " +
    "tfoot th thead tr tt u ul video wbr xmp"
  ).split(" "),
);
/** What looks like a tag and is none for the parser: it never ends, or is written in a way that a browser forgives. */
const BROKEN_TAG = /(?<!\\)<(?:[!?]|\/?([A-Za-z][\w-]*))(?:[^<>=]*=[^<>]*>)?/g;

/**
 * Removes links, images and HTML tags outside code, except links to the `allowed` pages. Decided on the parsed text,
 * and repeated until nothing is left to remove, so that no renderer finds a link that a removal formed. A gap such as
 * `<name>` becomes code. Throws TangledText.
 */
export function stripForeignLinks(text: string, allowed: string[]): string {
  if (countOf(text, MARKS) > MAX_MARKS || countOf(text, /\n/g) > MAX_LINES) throw new TangledText("too many marks");
  try {
    return settled(text, new Set(allowed.map(pageOf)));
  } catch (error) {
    // Only nesting of thousands of levels uses up the stack.
    throw error instanceof RangeError ? new TangledText("nested too deeply") : error;
  }
}

function countOf(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0;
}

/** Links and tags go first: an address may be a part of a link that has yet to form. */
function settled(text: string, pages: Set<string>): string {
  const done = { tags: 0, addresses: 0 };
  const parsed = new Parsed();
  let now = text;
  while (done.tags + done.addresses < MAX_ROUNDS) {
    const untagged = pass(now, parsed, { pages, gaps: done.tags++ === 0 ? "kept" : "removed", addresses: "kept" });
    if (untagged !== now) {
      now = untagged;
      continue;
    }
    const bare = pass(now, parsed, { pages, gaps: "removed", addresses: done.addresses++ === 0 ? "named" : "removed" });
    if (bare === now) return now;
    now = bare;
  }
  throw new TangledText("links and tags form anew after each removal");
}

/** The trees of the text that was parsed last: what a pass leaves alone is not parsed again. */
class Parsed {
  private text = "";
  private trees: (Root | undefined)[] = [];

  of(text: string, dialect: number): Root {
    if (text !== this.text) this.trees = [];
    this.text = text;
    this.trees[dialect] ??= DIALECTS[dialect]!.parse(text) as Root;
    return this.trees[dialect];
  }
}

function pass(text: string, parsed: Parsed, rules: Rules): string {
  return DIALECTS.reduce((now, _, dialect) => new Removal(now, rules).of(parsed.of(now, dialect)), text);
}

interface Rules {
  pages: Set<string>;
  /** Whether `<name>` becomes code. One that did not stay code is removed. */
  gaps: "kept" | "removed";
  /** Whether bare addresses go, and whether those of people become code. */
  addresses: "kept" | "named" | "removed";
}

/** One pass over one tree. */
class Removal {
  private readonly definitions = new Map<string, string>();

  constructor(
    private readonly source: string,
    private readonly rules: Rules,
  ) {}

  of(root: Root): string {
    this.define(root);
    return this.source.slice(0, startOf(root)) + this.node(root) + this.source.slice(endOf(root));
  }

  private define(node: Nodes): void {
    if (node.type === "definition" && !this.definitions.has(node.identifier))
      this.definitions.set(node.identifier, node.url);
    if ("children" in node) for (const child of node.children) this.define(child);
  }

  /** The node's source, with everything foreign in it removed. */
  private node(node: Nodes): string {
    switch (node.type) {
      case "code":
      case "inlineCode":
        return this.slice(node);
      case "html":
        return this.withoutTags(this.slice(node), startOf(node));
      case "text":
        return this.plain(this.slice(node), node.value);
      case "image":
      case "imageReference":
        return node.alt ?? "";
      case "link":
        return this.isCited(node.url) ? this.around(node) : this.label(node);
      case "linkReference": {
        const url = this.definitions.get(node.identifier);
        // Without its definition, a label in brackets is plain text.
        return url === undefined || this.isCited(url) || node.referenceType !== "full"
          ? this.around(node)
          : this.inside(node);
      }
      case "definition":
        return this.isCited(node.url) ? this.slice(node) : "";
      default:
        return "children" in node ? this.around(node) : this.slice(node);
    }
  }

  /** The words of a foreign link. A bare address has none. */
  private label(node: Parent): string {
    const words = this.inside(node);
    return words === this.slice(node) && this.rules.addresses !== "kept" ? REMOVED : words;
  }

  /** The node's source around its children's. */
  private around(node: Parent): string {
    const first = node.children.find(placed);
    if (first === undefined) return this.slice(node);
    return this.source.slice(startOf(node), startOf(first)) + this.inside(node, endOf(node));
  }

  /** The children's source, up to `end` or the end of the last one. */
  private inside(node: Parent, end?: number): string {
    let out = "";
    let at: number | null = null;
    for (const child of node.children) {
      // A node without a place was found in decoded text, which `plain` has handled.
      if (!placed(child)) continue;
      out += this.source.slice(at ?? startOf(child), startOf(child)) + this.node(child as Nodes);
      at = endOf(child);
    }
    return out + (end === undefined || at === null ? "" : this.source.slice(at, end));
  }

  private plain(slice: string, value: string): string {
    const words = slice.replace(BROKEN_TAG, withoutBrokenTag);
    const bare = this.withoutAddresses(words);
    // `https&#58;//host` is an address once decoded.
    const decoded = this.withoutAddresses(value);
    return bare === slice && decoded !== value ? decoded : bare;
  }

  private withoutAddresses(words: string): string {
    const { addresses } = this.rules;
    if (addresses === "kept") return words;
    return words
      .replace(ADDRESS, (url, at: number) => {
        const after = /^[^\s<]*/.exec(words.slice(at + url.length))![0];
        return TRAIL.exec(after)!.index === 0 && this.isCited(url.replace(TRAIL, "")) ? url : REMOVED;
      })
      .replace(EMAIL, (address) => (addresses === "named" ? `\`${address}\`` : REMOVED));
  }

  private withoutTags(html: string, start: number): string {
    return html.replace(TAG, (tag, ...rest) => {
      const name = GAP.exec(tag)?.[1]?.toLowerCase();
      if (this.rules.gaps === "removed" || name === undefined || ELEMENTS.has(name)) return "";
      const at = start + (rest.at(-2) as number);
      const besideTick = this.source[at - 1] === "`" || this.source[at + tag.length] === "`";
      return besideTick ? `\\${tag}` : `\`${tag}\``;
    });
  }

  private isCited(url: string): boolean {
    return this.rules.pages.has(pageOf(url));
  }

  private slice(node: Nodes | Parent): string {
    return this.source.slice(startOf(node), endOf(node));
  }
}

function withoutBrokenTag(mark: string, name: string | undefined): string {
  if (mark.includes("=")) return "";
  // A lone letter is a variable: `i <a`.
  const isTag = name === undefined || (name.length > 1 && ELEMENTS.has(name.toLowerCase()));
  return isTag ? mark.slice(1) : mark;
}

/** The address without its fragment; an address that is only a fragment is no page. */
function pageOf(url: string): string {
  return url.split("#")[0]!;
}

function placed(node: Nodes | Parent): boolean {
  return node.position?.start.offset !== undefined;
}

function startOf(node: Nodes | Parent): number {
  return node.position!.start.offset!;
}

function endOf(node: Nodes | Parent): number {
  return node.position!.end.offset!;
}
