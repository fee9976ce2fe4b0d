import { createHash } from "node:crypto";
import { join } from "node:path";
import { messageOf, WinnowError } from "../base/errors.ts";

/** Functions that determine a result, by the file that exports them, relative to the root of the sources. */
export interface Entry {
  file: string;
  names: readonly string[];
}

/**
 * Digest of the code that each of `entries` runs: the functions and every module they import, directly or not,
 * including late imports. The code is minified before hashing: types, comments, formatting, variable names and
 * unreachable code are left out. Only a change of what runs changes a digest. Packages count by name only.
 *
 * @param root folder the files are relative to
 * @throws WinnowError `BadInput` naming a file that is missing or does not parse
 */
export async function recipesOf<N extends string>(
  root: string,
  entries: Record<N, readonly Entry[]>,
): Promise<Record<N, string>> {
  const names = Object.keys(entries) as N[];
  const digests = await Promise.all(names.map((name) => recipeOf(root, entries[name])));
  return Object.fromEntries(names.map((name, at) => [name, digests[at]])) as Record<N, string>;
}

async function recipeOf(root: string, entries: readonly Entry[]): Promise<string> {
  const exports = entries.map(({ file, names }) => `export { ${names.join(", ")} } from "./${file}";`);
  const { build, transform } = await import("esbuild");
  try {
    const { outputFiles } = await build({
      stdin: { contents: exports.join("\n"), resolveDir: root, loader: "ts" },
      absWorkingDir: root,
      bundle: true,
      minify: true,
      treeShaking: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "esnext",
      packages: "external",
      legalComments: "none",
      logLevel: "silent",
      // The tsconfig of the sources does not affect what runs, and may lie outside the root.
      tsconfigRaw: {},
    });
    // The letters of short names depend on how often each letter occurs in the source, types included. Shortened once
    // more, they depend on the shortened code alone.
    const { code } = await transform(outputFiles[0]!.text, { minify: true, target: "esnext", legalComments: "none" });
    return createHash("sha256").update(code).digest("hex");
  } catch (cause) {
    const files = entries.map(({ file }) => join(root, file)).join(", ");
    throw new WinnowError("BadInput", `the code of ${files} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
