import { readFile } from "node:fs/promises";

/** The file's content; null where it is missing or no JSON. */
export async function readJson<T>(file: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return null;
  }
}
