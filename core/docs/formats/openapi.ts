import type { Root } from "mdast";
import type { FrontMatter } from "../frontMatter.ts";
import { readJson } from "../text/json.ts";
import { type Located, member, stringOf } from "../text/located.ts";
import { readYaml } from "../text/yaml.ts";
import type { Format } from "./format.ts";
import { isDescription } from "./openapi/claims.ts";
import { pageOf } from "./openapi/page.ts";

/** OpenAPI 3.0 to 3.2 and Swagger 2.0, in JSON and YAML. An operation is a section, and so is a shared schema. */
export const openapi: Format = {
  name: "openapi",
  language: {
    extensions: ["json", "yaml", "yml"],
    encoded: true,
    maxBytes: 20_000_000,
    byContent: { claims: isDescription, mark: "[\"']?(openapi|swagger)[\"']?[[:space:]]*:[[:space:]]*[\"']?[23]\\." },
    read: readDescription,
    parse: parseDescription,
  },
};

function readDescription(text: string): FrontMatter | { reason: string } {
  if (!isDescription(text))
    return { reason: "is no OpenAPI description: it has neither openapi 3 nor swagger 2.0 at its top level" };
  const document = documentOf(text);
  if ("reason" in document) return document;
  const title = stringOf(member(member(document, "info"), "title")).trim();
  return { data: { title: title || "API" }, body: text, offset: 0 };
}

function parseDescription(body: string): Root {
  const document = documentOf(body);
  return "reason" in document ? { type: "root", children: [] } : pageOf(document, body);
}

/** JSON in a YAML file is read as JSON. */
function documentOf(text: string): Located | { reason: string } {
  return /^\s*\{/.test(text) ? readJson(text) : readYaml(text);
}
