import type { MarkdownPage } from "../dialect.ts";

/** Code, a mark that is escaped, emphasis, or a star that closes nothing. */
const STARS = /(`+[^`]*`+|\\.)|(\*{1,3})(?![\s*])([^*`]*[^\s*`])\2(?!\*)|\*/g;

/** A title in Markdown as a label in bold, without the stars in it: they would end the label early. */
export function labelOf(title: string): string {
  const plain = title.trim().replace(STARS, (_, kept?: string, _stars?: string, inside?: string) => {
    return kept ?? inside ?? "\\*";
  });
  return `**${plain.replace(/:+$/, "")}:**`;
}

/** A title that is no Markdown, such as an attribute's value: its marks are characters that a reader sees. */
export function literally(title: string): string {
  return title.replace(/(`+[^`]*`+)|\*|(?<!\w)_|_(?!\w)/g, (mark, code?: string) => code ?? `\\${mark}`);
}

/** Blocks whose kind says nothing to a reader. */
const UNNAMED = new Set(["code-group", "tabs", "tab", "html", "v-pre", "raw", "cards", "grid", "div"]);

/** The title of a block in bold, else its kind: "Note:". */
export function blockLabel(page: MarkdownPage, indent: string, kind: string, title: string | undefined): string {
  const given = page.plain(title?.trim() ?? "").trim();
  if (given !== "") return `${indent}${labelOf(given)}`;
  if (title === "" && kind === "") return "";
  if (UNNAMED.has(kind) || kind === "") return "";
  return `${indent}${labelOf(kind[0]!.toUpperCase() + kind.slice(1).replace(/-/g, " "))}`;
}
