/** Anchors of one page's headings, as goldmark makes them: lower case, words joined by dashes, repeats numbered. */
export class Anchors {
  private readonly used = new Set<string>();
  /** Next number of each repeated heading: 5,000 equal ones take one step each. */
  private readonly repeats = new Map<string, number>();

  /** Anchor of a heading, and its text without a trailing `{#custom}`. */
  take(heading: string): { text: string; anchor: string } {
    const custom = /\{#([^{}\s]+)[^{}]*\}\s*$/.exec(heading);
    const text = custom ? heading.slice(0, custom.index).trim() : heading.trim();
    if (!custom) return { text, anchor: this.unique(slugOf(text)) };
    this.used.add(custom[1]!);
    return { text, anchor: custom[1]! };
  }

  private unique(base: string): string {
    let anchor = base;
    for (let next = this.repeats.get(base) ?? 1; this.used.has(anchor); next++) {
      anchor = `${base}-${next}`;
      this.repeats.set(base, next + 1);
    }
    this.used.add(anchor);
    return anchor;
  }
}

/** The anchor of a heading that no other heading of its page has. */
export function slugOf(text: string): string {
  const words = text
    .toLowerCase()
    .trim()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
  return words || "heading";
}
