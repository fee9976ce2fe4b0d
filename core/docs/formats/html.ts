import type { FrontMatter } from "../frontMatter.ts";
import { newlinesIn } from "../text/spacing.ts";
import type { Format } from "./format.ts";
import { blocksOf } from "./html/blocks.ts";
import { charsetOf } from "./html/charset.ts";
import { isListing } from "./html/listings.ts";
import { pageOf } from "./html/page.ts";
import { withoutShared } from "./html/titles.ts";

/** A page that a template engine still has to fill. */
const TEMPLATE = /^\s*(?:---[ \t]*\n|\{\{|\{%|<%|<#|<\?php|@(?:extends|layout|page)\b)/;
const EXTENSION = /\.x?html?$/i;
const INDEX = /(^|\/)index\.x?html?$/i;

/** HTML pages of a built site: their main content, without navigation. */
export const html: Format = {
  name: "html",
  language: {
    extensions: ["html", "htm", "xhtml"],
    encoded: true,
    built: (path) => !isListing(path),
    charset: charsetOf,
    read: readHtml,
    parse(body) {
      const page = pageOf(body);
      return page === null || "reason" in page
        ? { type: "root", children: [] }
        : blocksOf(page.contents, newlinesIn(body) + 1);
    },
  },
  // A page is served as its file, and a folder's index under the folder's name.
  fixedAddress: ({ path }) => (EXTENSION.test(path) ? path.replace(INDEX, "$1") : null),
  canonical: ({ canonical }) => (typeof canonical === "string" ? canonical : ""),
  settled: withoutShared,
};

function readHtml(text: string): FrontMatter | { reason: string } | null {
  if (TEMPLATE.test(text)) return { reason: "is a template: give the site that is built from it" };
  const page = pageOf(text);
  if (page === null || "reason" in page) return page;
  const { contents: _contents, ...data } = page;
  return { data, body: text, offset: 0 };
}
