import { join } from "node:path";
import { sha256OfFile } from "../../base/canonical.ts";
import { MB, readGivenText } from "../../base/given/files.ts";
import { splitFrontMatter } from "../../docs/frontMatter.ts";
import embedder from "../../models/embedder.json" with { type: "json" };

/** The terms under which a base may be distributed, in the terms of a model hub's card. */
export interface Licence {
  /** A hub's identifier such as `apache-2.0`; `unknown` if the base states none. */
  id: string;
  /** Name of an `other` licence. */
  name: string | null;
  link: string | null;
  /** Source of the licence: a file of the base, or `set-up` for the embedder that Winnow fetches; null if unknown. */
  from: string | null;
}

const UNKNOWN: Licence = { id: "unknown", name: null, link: null, from: null };

/**
 * The licence of a base folder: `license` in the front matter of its README.md, otherwise in its config.json. The
 * pinned embedder's licence applies if the weights are its own. Ignores unreadable files and never throws.
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

/** Cards contain it: no line breaks, and at most the length of a name. */
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
  return readGivenText(file, { maxBytes: MB }).catch(() => "");
}
