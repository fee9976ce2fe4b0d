import type { Lockfile, Manifest } from "./lockfile.ts";

/** Dependencies that only sources need: they compile what the package holds compiled. */
const FOR_SOURCES = ["esbuild", "tsx"];

/** Fields that mean nothing in an installed package. */
const DROPPED = ["scripts", "devDependencies", "overrides", "private"];

/**
 * The package.json of the package. npm ignores the lockfile in an archive and the overrides of a dependency, so direct
 * dependencies and overridden packages are named in their locked versions.
 *
 * @param commit that it was made from, which `winnow --version` prints; null if unknown
 */
export function packedManifest(clone: Manifest, lock: Lockfile, commit: string | null): Manifest {
  const kept = Object.entries(clone).filter(([field]) => !DROPPED.includes(field));
  const wanted = { ...clone.dependencies, ...(clone.overrides as Record<string, string>) };
  const dependencies = Object.entries(wanted).filter(([name]) => !FOR_SOURCES.includes(name));
  const exact = ([name, range]: [string, string]) =>
    range.startsWith("npm:") ? [name, range] : [name, lock.packages[`node_modules/${name}`]?.version ?? range];
  return {
    ...(Object.fromEntries(kept) as Manifest),
    dependencies: Object.fromEntries(dependencies.map(exact)),
    exports: {
      ".": { types: "./client/library.d.ts", default: "./client/library.js" },
      "./package.json": "./package.json",
    },
    ...(commit === null ? {} : { commit }),
  };
}
