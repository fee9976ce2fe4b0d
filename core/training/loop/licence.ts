import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256OfFile } from "../../base/canonical.ts";
import { splitFrontMatter } from "../../docs/frontMatter.ts";
import embedder from "../../models/embedder.json" with { type: "json" };

/** Under which terms a base may be passed on, in the words of a model hub's card. */
export interface Licence {
  /** A hub's identifier such as `apache-2.0`; `unknown` where the base does not say. */
  id: string;
  /** Of an `other` licence. */
  name: string | null;
  link: string | null;
  /** Where it is written: a file of the base, or `set-up`, for the embedder that Winnow itself fetches; null: nowhere. */
  from: string | null;
}

const UNKNOWN: Licence = { id: "unknown", name: null, link: null, from: null };

/**
 * The licence of a base folder: `license` in the front matter of its README.md, else in its config.json, else that of the
 * pinned embedder where the weights are its own. What cannot be read says nothing; never throws.
 */
export async function licenceOf(baseDir: string): Promise<Licence> {
  const card = splitFrontMatter(await text(join(baseDir, "README.md")));
  const found = "data" in card ? licenceIn(card.data, "README.md") : null;
  return found ?? licenceIn(parsed(await text(join(baseDir, "config.json"))), "config.json") ?? pinned(baseDir);
}

async function pinned(baseDir: string): Promise<Licence> {
  const digest = await sha256OfFile(join(baseDir, "model.safetensors")).catch(() => null);
  if (digest !== embedder.files["model.safetensors"]) return UNKNOWN;
  return { ...UNKNOWN, id: embedder.license, from: "set-up" };
}

function licenceIn(data: Record<string, unknown>, from: string): Licence | null {
  const [id] = [data.license].flat();
  if (typeof id !== "string" || id.trim() === "" || id.trim() === UNKNOWN.id) return null;
  return { id: oneLine(id)!, name: oneLine(data.license_name), link: oneLine(data.license_link), from };
}

/** Cards are written from it: no line breaks, no more than a name's length. */
function oneLine(value: unknown): string | null {
  return typeof value === "string" ? value.replace(/\s+/g, " ").trim().slice(0, 200) : null;
}

function parsed(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

async function text(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}
