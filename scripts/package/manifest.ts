import type { Manifest } from "./lockfile.ts";

/** Dependencies that only sources need: they compile what the package holds compiled. */
const FOR_SOURCES = ["esbuild", "tsx"];

/** Fields that mean nothing in an installed package. */
const DROPPED = ["scripts", "devDependencies", "overrides", "private"];

/**
 * The package.json of the package.
 *
 * @param commit that it was made from, which `winnow --version` prints; null if unknown
 */
export function packedManifest(clone: Manifest, commit: string | null): Manifest {
  const kept = Object.entries(clone).filter(([field]) => !DROPPED.includes(field));
  const dependencies = Object.entries(clone.dependencies).filter(([name]) => !FOR_SOURCES.includes(name));
  return {
    ...(Object.fromEntries(kept) as Manifest),
    dependencies: Object.fromEntries(dependencies),
    exports: {
      ".": { types: "./client/library.d.ts", default: "./client/library.js" },
      "./package.json": "./package.json",
    },
    ...(commit === null ? {} : { commit }),
  };
}
