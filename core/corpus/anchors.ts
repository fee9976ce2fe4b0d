/** Anchors of one page's headings, as goldmark makes them: lower case, words joined by dashes, repeats numbered. */
export class Anchors {
  private readonly used = new Map<string, number>();

  /** Anchor of a heading, and its text without a trailing `{#custom}`. */
  take(heading: string): { text: string; anchor: string } {
    const custom = /\s*\{#([^}\s]+)[^}]*\}\s*$/.exec(heading);
    const text = custom ? heading.slice(0, custom.index).trim() : heading.trim();
    return { text, anchor: custom ? custom[1]! : this.unique(slug(text)) };
  }

  private unique(base: string): string {
    const count = this.used.get(base) ?? 0;
    this.used.set(base, count + 1);
    return count === 0 ? base : `${base}-${count}`;
  }
}

function slug(text: string): string {
  const words = text
    .toLowerCase()
    .trim()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
  return words || "heading";
}
