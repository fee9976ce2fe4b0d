/** HTML tags in Markdown pages. Other text in angle brackets, such as `<pod-name>`, is visible to readers. */
const HTML_TAG =
  /<\/?(?:a|abbr|b|big|blockquote|br|button|caption|center|code|col|colgroup|dd|del|details|div|dl|dt|em|figcaption|figure|font|h[1-6]|hr|i|iframe|img|input|ins|kbd|label|li|link|meta|nav|ol|p|picture|pre|q|s|samp|script|section|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|video)(?:\s[^<>]*)?\/?>/gi;

const ENTITIES: Record<string, string> = { nbsp: " ", lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** Headings written by Hugo's shortcode `heading`, by key. */
const HUGO_HEADINGS: Record<string, string> = {
  cleanup: "clean up",
  prerequisites: "before you begin",
  seealso: "see also",
  whatsnext: "what's next",
};

/**
 * Words of a text, normalised for both sides of a relevance judgment (docs/evaluation.md#relevance). Shortcodes, link
 * targets, markup, punctuation and case are removed. The visible text of a glossary shortcode stays.
 */
export function cleanWords(text: string): string[] {
  const plain = text
    .replace(/<!--[\s\S]*?-->/g, " ")
    .replace(/\{\{[<%][^}]*?\btext="([^"]*)"[^}]*?[%>]\}\}/g, " $1 ")
    .replace(/\{\{[<%][\s\S]*?[%>]\}\}/g, " ")
    .replace(/!?\[((?:[^[\]]|\[[^\]]*\])*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+"[^"]*")?\)/g, "$1")
    .replace(/\[([^\]]+)\]\[[^\]]*\]/g, "$1")
    .replace(HTML_TAG, " ")
    .replace(/&(#\d+|#x[\da-f]+|[a-z]+);/gi, decodeEntity)
    .replace(/[`*~]/g, "")
    .toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** A normalised heading: shortcodes written out, explicit anchors and markup removed. */
export function cleanHeading(heading: string): string {
  const written = heading
    .replace(/\{\{[<%]\s*heading\s+"([^"]*)"\s*[%>]\}\}/g, (_, key: string) => HUGO_HEADINGS[key] ?? key)
    .replace(/\{#[^}]*\}\s*$/, "")
    .replace(/^#+\s+/, "");
  return cleanWords(written).join(" ");
}

function decodeEntity(_whole: string, name: string): string {
  if (name.startsWith("#")) {
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : " ";
  }
  return ENTITIES[name.toLowerCase()] ?? " ";
}
