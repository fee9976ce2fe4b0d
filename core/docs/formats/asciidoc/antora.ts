import type { Page } from "../../page.ts";

/** A file of an Antora component: `modules/<module>/<family>s/<path>` below the folder of `antora.yml`. */
export interface Resource {
  /** Folder of the component with a slash at its end; "" for the root. */
  base: string;
  module: string;
  family: string;
  path: string;
}

export interface Component {
  base: string;
  name: string;
  version: string;
  attributes: Record<string, string | null>;
}

const RESOURCE = /^((?:.*?\/)?)modules\/([^/]+)\/(page|partial|example|attachment|image)s\/(.+)$/;
/** `version@component:module:family$path`, all but the path optional. */
const ID = /^(?:([^@:$\s]*)@)?(?:(?:([^@:$\s]*):)?([^@:$\s]*):)?(?:([a-z]+)\$)?([^:$\s]+)$/;

export function resourceOf(path: string): Resource | null {
  const [, base, module, family, rest] = RESOURCE.exec(path) ?? [];
  return base === undefined ? null : { base, module: module!, family: family!, path: rest! };
}

/** The component described by an `antora.yml`; null for another file. */
export function componentOf({ path, data }: Page): Component | null {
  if (!/(?:^|\/)antora\.yml$/.test(path)) return null;
  const asciidoc = data.asciidoc as { attributes?: unknown } | null | undefined;
  const given = typeof asciidoc?.attributes === "object" ? (asciidoc.attributes ?? {}) : {};
  const attributes = Object.entries(given).flatMap(([name, value]) => {
    const text = attributeText(value);
    return text === undefined ? [] : [[name, text] as const];
  });
  const version = typeof data.version === "string" || typeof data.version === "number" ? String(data.version) : "";
  return {
    base: path.slice(0, -"antora.yml".length),
    name: typeof data.name === "string" ? data.name : "",
    version: version === "~" ? "" : version,
    attributes: Object.fromEntries(attributes),
  };
}

/** Text of a value in YAML; null if it unsets the attribute, undefined if it is no attribute's value. */
function attributeText(value: unknown): string | null | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (value === true) return "";
  return value === false || value === null ? null : undefined;
}

/** Path of the file that a resource id names in a file of a component; null for other ids, and those that lead out. */
export function resourcePath(
  id: string,
  from: string,
  family: string,
  components: readonly Component[],
): string | null {
  const own = resourceOf(from);
  const [, , named, module, kind, path] = ID.exec(id) ?? [];
  if (!own || path === undefined || path.split("/").includes("..")) return null;
  const base = named ? components.find(({ name }) => name === named)?.base : own.base;
  if (base === undefined) return null;
  const folder = path.startsWith("./") ? own.path.replace(/[^/]*$/, "") : "";
  return `${base}modules/${module || (named ? "ROOT" : own.module)}/${kind ?? family}s/${folder}${path.replace(/^\.\//, "")}`;
}

/** Address that Antora gives a page: component, version, module, path. Null for a file that is no page of a component. */
export function antoraAddress(path: string, component: Component | undefined): string | null {
  const resource = resourceOf(path);
  if (resource?.family !== "page") return null;
  const { name = "", version = "" } = component ?? {};
  const module = resource.module === "ROOT" ? "" : resource.module;
  const steps = [name === "ROOT" ? "" : name, version, module].filter((step) => step !== "");
  return [...steps, resource.path.replace(/\.[^./]+$/, ".html")].join("/");
}
