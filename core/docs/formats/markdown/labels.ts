import type { MarkdownPage } from "../dialect.ts";

/** Code, an escaped mark, emphasis, or an unmatched star. */
const STARS = /(`+[^`]*`+|\\.)|(\*{1,3})(?![\s*])([^*`]*[^\s*`])\2(?!\*)|\*/g;

/** A Markdown title as a bold label. Its stars are dropped, because they would end the label early. */
export function labelOf(title: string): string {
  const plain = title.trim().replace(STARS, (_, kept?: string, _stars?: string, inside?: string) => {
    return kept ?? inside ?? "\\*";
  });
  return `**${plain.replace(/:+$/, "")}:**`;
}

/** A title that is not Markdown, such as an attribute's value. Its marks are literal characters. */
export function literally(title: string): string {
  return title.replace(/(`+[^`]*`+)|\*|(?<!\w)_|_(?!\w)/g, (mark, code?: string) => code ?? `\\${mark}`);
}

/** Block kinds that mean nothing to readers. */
const UNNAMED = new Set(["code-group", "tabs", "tab", "html", "v-pre", "raw", "cards", "grid", "div"]);

/** A block's title in bold, or its kind: "Note:". */
export function blockLabel(page: MarkdownPage, indent: string, kind: string, title: string | undefined): string {
  const given = page.plain(title?.trim() ?? "").trim();
  if (given !== "") return `${indent}${labelOf(given)}`;
  if (title === "" && kind === "") return "";
  if (UNNAMED.has(kind) || kind === "") return "";
  return `${indent}${labelOf(kind[0]!.toUpperCase() + kind.slice(1).replace(/-/g, " "))}`;
}
