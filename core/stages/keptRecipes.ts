import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { sha256 } from "../base/canonical.ts";
import { replaceFile } from "../base/replaceFile.ts";
import { type Entry, recipesOf } from "./recipe.ts";

/** Rooms that the code of a stage may import. */
const ROOMS = ["contracts", "core"];
const SOURCE = /\.([cm]?[jt]sx?|json)$/;
/** Product code imports none of them. */
const FOR_TESTS = /\.test\.|(^|[\\/])(testing|fixtures)[\\/]/;

/**
 * The result of `recipesOf`, which takes 0.7 s of processor time. It is kept beside the packages with a digest of the
 * sources and the compiler, and made anew where they differ. Errors are those of `recipesOf`.
 */
export async function keptRecipesOf<N extends string>(
  root: string,
  entries: Record<N, readonly Entry[]>,
): Promise<Record<N, string>> {
  const file = join(root, "node_modules", ".cache", "winnow", "recipes");
  const key = keyOf(root, entries);
  const [seal, text = ""] = (await readFile(file, "utf8").catch(() => "")).split("\n");
  if (seal === sha256(key + text)) return JSON.parse(text);
  const recipes = await recipesOf(root, entries);
  const made = JSON.stringify(recipes);
  // A source that was edited meanwhile may be in the recipes and not in the key.
  if (keyOf(root, entries) === key) await replaceFile(file, `${sha256(key + made)}\n${made}`).catch(() => {});
  return recipes;
}

/** Read without promises, which takes a fifth of the time for a thousand small files. */
function keyOf(root: string, entries: Record<string, readonly Entry[]>): string {
  const { version } = createRequire(import.meta.url)("esbuild/package.json");
  const hash = createHash("sha256").update(JSON.stringify([version, entries]));
  for (const room of ROOMS) {
    const names = readdirSync(join(root, room), { recursive: true, encoding: "utf8" });
    for (const name of names.sort())
      if (SOURCE.test(name) && !FOR_TESTS.test(name))
        hash.update(name).update(sha256(readFileSync(join(root, room, name))));
  }
  return hash.digest("hex");
}
