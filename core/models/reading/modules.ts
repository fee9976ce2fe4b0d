import type { Pooling } from "../tokenLayout.ts";
import type { Found, Module } from "./description.ts";
import { badFile, isObject, type Json, smallJson, smallObject } from "./files.ts";

const FILE = "modules.json";
const KNOWN = ["Transformer", "Pooling", "Dense", "LayerNorm", "Normalize", "StaticEmbedding"];
/** Steps without weights that matter to a vector or logit. Dropout does nothing outside training. */
const IGNORED = ["Dropout"];

/**
 * The rows of `modules.json` with their configs; empty if the folder has none. Throws BadModel for a module that Winnow
 * does not compute, or whose code comes with the model.
 */
export async function readModules(dir: string): Promise<Module[]> {
  const rows = await smallJson(dir, FILE);
  if (rows === null) return [];
  if (!Array.isArray(rows)) throw badFile(dir, FILE, "expected a list of modules");
  const modules: Module[] = [];
  for (const row of rows) {
    const { type, path } = checkedRow(dir, row);
    if (IGNORED.includes(type)) continue;
    const config = path ? await smallObject(dir, `${path}/config.json`) : null;
    modules.push({ type, path, config: config ?? {} });
  }
  if (modules.length === 0) throw badFile(dir, FILE, "it lists no module");
  return modules;
}

function checkedRow(dir: string, row: unknown): { type: string; path: string } {
  if (!isObject(row) || typeof row.type !== "string" || typeof (row.path ?? "") !== "string") {
    throw badFile(dir, FILE, "expected a type and a path in each row");
  }
  const path = (row.path ?? "") as string;
  if (path.split(/[/\\]/).includes("..") || /^([/\\]|[a-z]:)/i.test(path)) {
    throw badFile(dir, FILE, `the path ${JSON.stringify(path)} leads out of the folder`);
  }
  if (!row.type.startsWith("sentence_transformers.")) {
    throw badFile(
      dir,
      FILE,
      `${row.type} is code that comes with the model, which Winnow never runs; use another model`,
    );
  }
  const type = row.type.slice(row.type.lastIndexOf(".") + 1);
  if (KNOWN.includes(type) || IGNORED.includes(type)) return { type, path };
  throw badFile(dir, FILE, `the module ${type} is not supported; use a model of ${KNOWN.join(", ")}`);
}

/** Older sentence-transformers wrote one boolean for each mode, versions from 5.4 on the mode's name. */
const FLAGS: Record<string, string> = {
  pooling_mode_cls_token: "cls",
  pooling_mode_mean_tokens: "mean",
  pooling_mode_max_tokens: "max",
  pooling_mode_mean_sqrt_len_tokens: "mean_sqrt_len_tokens",
  pooling_mode_weightedmean_tokens: "weightedmean",
  pooling_mode_lasttoken: "lasttoken",
};

/** The pooling that a Pooling module states. Throws BadModel unless it is exactly one that Winnow computes. */
export function poolingOf(dir: string, { path, config }: Module): Found<Pooling> {
  const file = `${path}/config.json`;
  const modes = poolingModes(config);
  const [mode] = modes;
  if (modes.length !== 1) {
    const got = modes.length ? modes.join(" and ") : "none";
    throw badFile(dir, file, `expected one pooling mode, got ${got}; correct the file, or install with --pooling`);
  }
  if (mode !== "cls" && mode !== "mean") {
    throw badFile(dir, file, `pooling "${mode}" is not supported; use a model with "cls" or "mean"`);
  }
  return { value: mode, from: "file", file };
}

function poolingModes(config: Json): string[] {
  const { pooling_mode: named } = config;
  if (typeof named === "string") return named.split("+");
  if (Array.isArray(named)) return named.map(String);
  return Object.entries(FLAGS).flatMap(([flag, mode]) => (config[flag] === true ? [mode] : []));
}
