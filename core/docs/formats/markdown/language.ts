import { splitFrontMatter } from "../../frontMatter.ts";
import { parseMarkdown } from "../../markdown.ts";
import type { OpenDialect } from "../dialect.ts";
import type { Language } from "../format.ts";
import { plainMarkdown } from "./reader.ts";

/** Markdown with the marks of these dialects. */
export function markdownWith(dialects: readonly OpenDialect[]): Language {
  return {
    extensions: ["md", "mdx", "markdown"],
    read(text) {
      const front = splitFrontMatter(text);
      return "reason" in front ? front : { ...front, body: plainMarkdown(front.body, dialects) };
    },
    parse: parseMarkdown,
  };
}
