/** How a generator makes anchors of headings. */
export interface AnchorStyle {
  readonly name: string;
  /** Anchor of a heading that is unique on its page; "" if the anchor is a number alone. */
  slug(heading: string): string;
  /** Numbering of repeated anchors: the text before the number, and the first number. */
  repeats(anchor: string): { before: string; first: number };
}

/** Hugo's anchors, which match GitHub's and most other generators' closely. */
export const GOLDMARK: AnchorStyle = {
  name: "goldmark",
  slug: (heading) => {
    const words = heading
      .toLowerCase()
      .trim()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    return words || "heading";
  },
  repeats: (anchor) => ({ before: `${anchor}-`, first: 1 }),
};

/**
 * Marks the words that form the anchor if the heading shows more. A private-use character, so no document contains it.
 */
const ANCHOR_TEXT = "\u{e000}";
const MARKED = new RegExp(`\\{${ANCHOR_TEXT}([^{}]*)\\}\\s*$`);

/** A heading whose anchor is made from `words` alone. */
export function withAnchorText(heading: string, words: string): string {
  return `${heading.trimEnd()} {${ANCHOR_TEXT}${words.replace(/[{}]/g, "").trim()}}`;
}

/** Anchors of one page's headings: lower case, words joined by dashes, repeats numbered. */
export class Anchors {
  private readonly used = new Set<string>();
  /** Next number of each repeated heading, so that 5,000 equal headings take one step each. */
  private readonly repeats = new Map<string, number>();

  constructor(private readonly style: AnchorStyle = GOLDMARK) {}

  /** Anchor of a heading, and its text without a trailing `{#custom}` or the words that form its anchor. */
  take(heading: string): { text: string; anchor: string } {
    const marked = MARKED.exec(heading);
    if (marked) {
      const text = heading.slice(0, marked.index).trim();
      return { text, anchor: this.unique(this.style.slug(marked[1]!)) };
    }
    const custom = /\{#([^{}\s]+)[^{}]*\}\s*$/.exec(heading);
    const text = custom ? heading.slice(0, custom.index).trim() : heading.trim();
    if (!custom) return { text, anchor: this.unique(this.style.slug(text)) };
    this.used.add(custom[1]!);
    return { text, anchor: custom[1]! };
  }

  private unique(base: string): string {
    const { before, first } = this.style.repeats(base);
    let anchor = base;
    for (let next = this.repeats.get(base) ?? first; anchor === "" || this.used.has(anchor); next++) {
      anchor = `${before}${next}`;
      this.repeats.set(base, next + 1);
    }
    this.used.add(anchor);
    return anchor;
  }
}
