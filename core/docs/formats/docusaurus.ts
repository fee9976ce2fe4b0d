import { posix } from "node:path";
import { joinedPath, namedAddress, safePath } from "../addresses.ts";
import { type Page, pageUrl } from "../page.ts";
import type { Dialect, MarkdownPage } from "./dialect.ts";
import type { Format, Tree } from "./format.ts";
import { bare, OpenComponents, tagsOf, withoutComponents } from "./mdx/components.ts";
import { isStatement, joined, Statements } from "./mdx/statements.ts";

/** Front matter that only Docusaurus uses. */
const FRONT_MATTER = ["sidebar_position", "sidebar_label", "sidebar_class_name", "pagination_label", "pagination_next"];
/**
 * Docusaurus orders files by a number before their name and drops it from the address. `2024-05` and `1.2-x` are not
 * such numbers.
 */
const NUMBER = /^\d+\s*[-_.]+\s*(?![\d\s._-])/;
const JSX_COMMENT = /\{\/\*.*?\*\/\}/g;

/**
 * Docusaurus and other MDX generators; Vue components are read the same way. `markdown.ts` handles their `:::`
 * containers.
 */
export const docusaurus: Format = {
  name: "docusaurus",
  dialect: mdx,
  publishing: { detect, address },
};

function mdx({ body, lines }: MarkdownPage): Dialect {
  const tags = tagsOf(body);
  const components = new OpenComponents(tags);
  const statements = new Statements(lines);
  return {
    joins(line, at) {
      const count = statements.count(at);
      return count > 1 ? { whole: joined([line, ...lines.slice(at + 1, at + count)]), count } : null;
    },
    follows: (line) => components.see(line),
    // Between components, indentation is only visual.
    ignoresIndent: () => components.any,
    wholeLine: (line) => (isStatement(line) ? "" : null),
    text: (text) => text.replace(JSX_COMMENT, ""),
    tags: (text, of) => (of === "page" ? withoutComponents(text, tags) : bare(text)),
  };
}

function detect({ pages }: Tree): boolean {
  return pages.some(({ data }) => FRONT_MATTER.some((key) => Object.hasOwn(data, key)));
}

function address(page: Page): string {
  const byFile = pageUrl(page.path.split("/").map(withoutNumber).join("/"));
  const slug = safePath(page.data.slug);
  const isIndex = /^(index|readme)\./i.test(posix.basename(page.path));
  if (isIndex && !slug.startsWith("/")) return slug ? joinedPath(byFile, slug) : byFile;
  return namedAddress(page, byFile, slug || safePath(page.data.id).replace(/.*\//, ""));
}

function withoutNumber(segment: string): string {
  return segment.replace(NUMBER, "");
}
