/** An entry of npm's lockfile, version 3. Its key is the folder: `node_modules/a/node_modules/b`. */
export interface LockedPackage {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  [field: string]: unknown;
}

export interface Lockfile {
  name: string;
  version: string;
  lockfileVersion: number;
  packages: Record<string, LockedPackage>;
}

/** The package.json fields that the packed one takes over or replaces. */
export interface Manifest {
  name: string;
  version: string;
  dependencies: Record<string, string>;
  [field: string]: unknown;
}

/**
 * The lockfile of a package with these dependencies: the entries of `lock` that they need, directly or not, in the same
 * versions. Throws if a dependency that is not optional is not locked.
 */
export function lockfileFor(manifest: Manifest, lock: Lockfile): Lockfile {
  const { name, version, dependencies } = manifest;
  const needed = new Set<string>();
  const visit = (from: string, wanted: Record<string, string> = {}, optional = false) => {
    for (const dependency of Object.keys(wanted)) {
      const folder = folderOf(dependency, from, lock);
      if (folder === null && !optional) throw new Error(`package-lock.json has no ${dependency} for ${from || name}`);
      if (folder === null || needed.has(folder)) continue;
      needed.add(folder);
      const entry = lock.packages[folder]!;
      visit(folder, entry.dependencies);
      visit(folder, entry.optionalDependencies, true);
      // npm installs a peer dependency unless it is optional; the lockfile then has it.
      visit(folder, entry.peerDependencies, true);
    }
  };
  visit("", dependencies);
  const folders = Object.keys(lock.packages).filter((folder) => needed.has(folder));
  const { license, bin, engines } = manifest;
  const root = { name, version, license, dependencies, bin, engines };
  const packages = Object.fromEntries(folders.map((folder) => [folder, lock.packages[folder]!]));
  return { name, version, lockfileVersion: lock.lockfileVersion, packages: { "": root, ...packages } };
}

/** The folder that Node finds a dependency in, from a package's own folder outwards. */
function folderOf(dependency: string, from: string, { packages }: Lockfile): string | null {
  for (let folder = from; ; folder = outer(folder)) {
    const candidate = `${folder === "" ? "" : `${folder}/`}node_modules/${dependency}`;
    if (candidate in packages) return candidate;
    if (folder === "") return null;
  }
}

function outer(folder: string): string {
  return folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1));
}
