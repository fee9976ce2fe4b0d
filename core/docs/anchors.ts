/** Who makes anchors of headings: goldmark (Hugo), and much as it GitHub and most others; or Python-Markdown (MkDocs). */
export type AnchorStyle = "goldmark" | "python-markdown";

/** Before the words that an anchor is made of, where a heading shows more: a character that no writer has a use for. */
const ANCHOR_TEXT = "\u{e000}";
const MARKED = new RegExp(`\\{${ANCHOR_TEXT}([^{}]*)\\}\\s*$`);

/** A heading of which only `words` make the anchor. */
export function withAnchorText(heading: string, words: string): string {
  return `${heading.trimEnd()} {${ANCHOR_TEXT}${words.replace(/[{}]/g, "").trim()}}`;
}

/** Anchors of one page's headings: lower case, words joined by dashes, repeats numbered. */
export class Anchors {
  private readonly used = new Set<string>();
  /** Next number of each repeated heading: 5,000 equal ones take one step each. */
  private readonly repeats = new Map<string, number>();

  constructor(private readonly style: AnchorStyle = "goldmark") {}

  /** Anchor of a heading, and its text without a trailing `{#custom}` or the words that make its anchor. */
  take(heading: string): { text: string; anchor: string } {
    const marked = MARKED.exec(heading);
    if (marked) {
      const text = heading.slice(0, marked.index).trim();
      return { text, anchor: this.unique(slugOf(marked[1]!, this.style)) };
    }
    const custom = /\{#([^{}\s]+)[^{}]*\}\s*$/.exec(heading);
    const text = custom ? heading.slice(0, custom.index).trim() : heading.trim();
    if (!custom) return { text, anchor: this.unique(slugOf(text, this.style)) };
    this.used.add(custom[1]!);
    return { text, anchor: custom[1]! };
  }

  private unique(base: string): string {
    const python = this.style === "python-markdown";
    // Python-Markdown counts on where a heading ends with a number of that kind.
    const [, stem = base, number = "0"] = (python && /^(.*)_(\d+)$/.exec(base)) || [];
    const mark = python ? "_" : "-";
    let anchor = base;
    for (let next = this.repeats.get(base) ?? Number(number) + 1; anchor === "" || this.used.has(anchor); next++) {
      anchor = `${stem}${mark}${next}`;
      this.repeats.set(base, next + 1);
    }
    this.used.add(anchor);
    return anchor;
  }
}

/** The anchor of a heading that no other heading of its page has; "" where Python-Markdown only numbers it. */
export function slugOf(text: string, style: AnchorStyle = "goldmark"): string {
  if (style === "python-markdown") {
    const ascii = text.normalize("NFKD").replace(/[^\w\s-]/g, "");
    return ascii
      .trim()
      .toLowerCase()
      .replace(/[-\s]+/g, "-");
  }
  const words = text
    .toLowerCase()
    .trim()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
  return words || "heading";
}
