import { parse as parseYaml } from "yaml";
import type { FrontMatter } from "../../frontMatter.ts";
import { resourceOf } from "./antora.ts";

/** Endings of files that docs include as samples. Pictures and archives are no text. */
const SAMPLES =
  /\.(?:adoc|asciidoc|asc|ad|txt|md|java|kt|kts|groovy|gradle|scala|py|rb|js|mjs|ts|tsx|jsx|go|rs|c|h|cc|cpp|hpp|cs|php|swift|sh|bash|ps1|bat|sql|n1ql|sqlpp|xml|xsd|html|css|json|jsonc|ya?ml|toml|properties|ini|conf|cfg|env|csv|tsv|proto|graphql|http|tf|dockerfile|log|out|diff|patch)$/i;
/** Folders of included files, by convention. */
const FOLDERS = /(?:^|\/)(?:_?includes?|_?partials|_?snippets)\//i;

/** True for a file that AsciiDoc pages include or that describes them, whatever it is otherwise. */
export function isPart(path: string): boolean {
  if (/(?:^|\/)antora\.yml$/.test(path)) return true;
  const family = resourceOf(path)?.family;
  if (family !== undefined && family !== "page") return /^(?:partial|example)$/.test(family) && SAMPLES.test(path);
  // Markdown and descriptions of an API are pages in any folder.
  return FOLDERS.test(path) && SAMPLES.test(path) && !/\.(?:json|ya?ml|md)$/i.test(path);
}

/** Text of an included file. The values of `antora.yml` become its data; a broken one has none. */
export function readPart(text: string): FrontMatter {
  return { data: dataOf(text), body: text, offset: 0 };
}

const MAX_YAML = 100_000;

function dataOf(text: string): Record<string, unknown> {
  if (text.length > MAX_YAML || !/^name:/m.test(text)) return {};
  try {
    const data: unknown = parseYaml(text, { maxAliasCount: 20, schema: "core", uniqueKeys: false, logLevel: "error" });
    return data !== null && typeof data === "object" && !Array.isArray(data) ? (data as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
