/** Members that an OpenAPI description has at its top level, beside `x-...`. Sorted files begin with any of them. */
const MEMBERS = new Set(
  "openapi swagger info servers paths webhooks components security tags externalDocs jsonSchemaDialect $self host basePath schemes consumes produces definitions parameters responses securityDefinitions".split(
    " ",
  ),
);
const VERSION = /^\s*:\s*(["']?)[23]\.\d/;
const UNFINISHED = /^\s*:?\s*["']?[23]?\.?$/;
const KEY = /^(["']?)([A-Za-z$][\w$.-]*)\1(?=[ \t]*:(?:[ \t]|$))/;

/**
 * Whether a JSON or YAML file is an OpenAPI description, from its beginning: a member `openapi` or `swagger` at the top
 * level, and no member before it that descriptions lack. Null if the beginning is too short to tell.
 */
export function isDescription(beginning: string): boolean | null {
  const text = beginning.replace(/^\ufeff/, "").trimStart();
  return text.startsWith("{") ? inJson(text) : inYaml(text);
}

/** What a top-level member says: true or false as above, null to go on. */
function verdictOf(name: string, rest: string): boolean | null {
  if (name === "openapi" || name === "swagger") return VERSION.test(rest) || (UNFINISHED.test(rest) ? null : false);
  return MEMBERS.has(name) || name.startsWith("x-") ? null : false;
}

function inJson(text: string): boolean | null {
  let depth = 0;
  let isName = false;
  for (let at = 0; at < text.length; at++) {
    const mark = text[at]!;
    if (mark === '"') {
      const start = at + 1;
      for (at = start; at < text.length && text[at] !== '"'; at++) if (text[at] === "\\") at++;
      if (at >= text.length) return null;
      const verdict = isName ? verdictOf(text.slice(start, at), text.slice(at + 1, at + 100)) : null;
      if (verdict !== null) return verdict;
      isName = false;
    } else if (mark === "{" || mark === "[") {
      depth++;
      isName = depth === 1;
    } else if (mark === "}" || mark === "]") depth--;
    else if (mark === ",") isName = depth === 1;
  }
  return null;
}

function inYaml(text: string): boolean | null {
  let members = 0;
  for (const line of text.split("\n")) {
    const key = KEY.exec(line);
    if (key) {
      const verdict = verdictOf(key[2]!, line.slice(key[0].length));
      if (verdict !== null) return verdict;
      members++;
    } else if (members === 0 && !/^(?:\s*(?:#.*)?|---.*|%.*)$/.test(line)) return false;
  }
  return null;
}
