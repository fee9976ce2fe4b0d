import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Plugin } from "esbuild";
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
  const bundles = await bundlesOf(root, names, entries);
  const digests = await Promise.all(bundles.map(digestOf));
  return Object.fromEntries(names.map((name, at) => [name, digests[at]])) as Record<N, string>;
}

/** One bundle for each of `names`, made by one build, which parses each file once. */
async function bundlesOf<N extends string>(
  root: string,
  names: readonly N[],
  entries: Record<N, readonly Entry[]>,
): Promise<string[]> {
  const { build } = await import("esbuild");
  const exported = (name: N) => entries[name].map((one) => `export { ${one.names.join(", ")} } from "./${one.file}";`);
  const virtual: Plugin = {
    name: "recipes",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^recipe:/ }, ({ path }) => ({ path: path.slice("recipe:".length), namespace: "recipe" }));
      onLoad({ filter: /^/, namespace: "recipe" }, ({ path }) => ({
        ...{ contents: exported(names[Number(path)]!).join("\n"), resolveDir: root, loader: "ts" },
      }));
    },
  };
  try {
    const { outputFiles } = await build({
      entryPoints: names.map((_, at) => ({ in: `recipe:${at}`, out: `${at}` })),
      plugins: [virtual],
      outdir: root,
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
    const texts = new Map(outputFiles.map(({ path, text }) => [basename(path, ".js"), text]));
    return names.map((_, at) => texts.get(`${at}`)!);
  } catch (cause) {
    throw new WinnowError("BadInput", `the code in ${root} cannot be read: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/**
 * The letters of short names depend on how often each letter occurs in the source, types included. Shortened once more,
 * they depend on the shortened code alone.
 */
async function digestOf(bundle: string): Promise<string> {
  const { transform } = await import("esbuild");
  const { code } = await transform(bundle, { minify: true, target: "esnext", legalComments: "none" });
  return createHash("sha256").update(code).digest("hex");
}
