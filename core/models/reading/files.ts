import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, WinnowError } from "../../base/errors.ts";

/** Configs and model cards are some kilobytes. A larger one is no such file. */
const MAX_BYTES = 1 << 20;

export type Json = Record<string, unknown>;

/** The text of a small file in a model folder; null if absent. Throws BadModel if it is too large or cannot be read. */
export async function smallText(dir: string, name: string): Promise<string | null> {
  const file = join(dir, name);
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, at most ${MAX_BYTES} are read`);
    return await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new WinnowError("BadModel", `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** A JSON file of a model folder; null if absent. Throws BadModel if it cannot be read or parsed. */
export async function smallJson(dir: string, name: string): Promise<unknown> {
  const text = await smallText(dir, name);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WinnowError("BadModel", `${join(dir, name)} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** A JSON object of a model folder; null if absent. Throws BadModel if it is anything else. */
export async function smallObject(dir: string, name: string): Promise<Json | null> {
  const value = await smallJson(dir, name);
  if (value === null || isObject(value)) return value;
  throw new WinnowError("BadModel", `${join(dir, name)}: expected a JSON object`);
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A BadModel whose message starts with the file. */
export function badFile(dir: string, name: string, problem: string): WinnowError {
  return new WinnowError("BadModel", `${join(dir, name)}: ${problem}`);
}
