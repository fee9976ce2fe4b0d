import { safePath } from "../addresses.ts";
import type { Dialect, MarkdownPage } from "./dialect.ts";
import type { Format } from "./format.ts";
import { LONG_FENCE } from "./markdown/fences.ts";
import { labelOf } from "./markdown/labels.ts";

const HIGHLIGHT = /^(\s*)\{%-?\s*highlight\s+([\w+#-]+)[^%]*%\}\s*$/;
const END_HIGHLIGHT = /^\s*\{%-?\s*endhighlight\s*-?%\}\s*$/;
const INLINE_HIGHLIGHT = /\{%-?\s*highlight\s[^%]*%\}((?:(?!\{%)[^`])*)\{%-?\s*endhighlight\s*-?%\}/g;
const LIQUID = /\{%-?\s*(\w+)((?:\s[^%]*?)?)-?%\}/g;
const LIQUID_RAW = /\{%-?\s*(?:end)?raw\s*-?%\}/g;
const LIQUID_MARKS = new Set(["raw", "endraw", "endhint", "tabs", "endtabs", "endtab"]);

/** Jekyll's Liquid, with GitBook's hints and tabs, which use the same marks. */
export const jekyll: Format = {
  name: "jekyll",
  dialect: liquid,
  // Jekyll prepends the site's address and serves the path as written: an extra slash leads to another page.
  fixedAddress({ data }, below) {
    const permalink = safePath(data.permalink);
    return permalink.startsWith("/") ? (below(permalink) ?? permalink).replace(/^\/+/, "") : null;
  },
};

function liquid({ lines }: MarkdownPage): Dialect {
  const lastEnd = lines.findLastIndex((line) => END_HIGHLIGHT.test(line));
  return {
    opens(line, at) {
      const [, indent, language] = (at < lastEnd && HIGHLIGHT.exec(line)) || [];
      if (language === undefined) return null;
      const code = { closes: (other: string) => END_HIGHLIGHT.test(other), end: `${indent}${LONG_FENCE}` };
      return { shown: [`${indent}${LONG_FENCE}${language}`], code };
    },
    fenced: (line) => line.replace(LIQUID_RAW, ""),
    line: (line) => line.replace(INLINE_HIGHLIGHT, "`$1`"),
    text: (text) => text.replace(LIQUID, tagText),
  };
}

function tagText(tag: string, name: string, rest: string): string {
  if (LIQUID_MARKS.has(name)) return "";
  const title = /(?:title|style)="([^"]+)"/.exec(rest)?.[1];
  if ((name === "hint" || name === "tab") && title) return labelOf(title[0]!.toUpperCase() + title.slice(1));
  return tag;
}
