/**
 * Fetches the docs that the questions about one project were graded on, at the commits of projects.json:
 *   npm run dataset:docs -- --project etcd --out FOLDER [--repositories FOLDER]
 * Repositories come from GitHub, or where `--repositories` is given, from FOLDER/OWNER/NAME.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { extract } from "tar";
import projects from "./projects.json" with { type: "json" };

interface Source {
  repository: string;
  commit: string;
  folders: string[];
  /** Paths to leave out. */
  without?: string[];
  /** Leaves out folders that are named by a version number. */
  withoutVersions?: boolean;
}

const run = promisify(execFile);
const VERSION = /^v?\d+(\.[\dx]+)+$/;

const { values: options } = parseArgs({
  options: { project: { type: "string" }, out: { type: "string" }, repositories: { type: "string" } },
});
const known: Record<string, { sources: Source[] }> = projects;
const { project = "", out, repositories } = options;
if (!known[project] || !out) {
  console.error(`dataset:docs needs --project and --out FOLDER; projects are ${Object.keys(known).join(", ")}`);
  process.exit(2);
}

/** A folder whose git repository holds the commit: the one at hand, or `work` after fetching just that commit. */
async function holding({ repository, commit }: Source, work: string): Promise<string> {
  if (repositories) return join(repositories, repository);
  await run("git", ["-C", work, "init", "--quiet"]);
  await run("git", ["-C", work, "fetch", "--quiet", "--depth", "1", `https://github.com/${repository}`, commit]);
  return work;
}

function isLeftOut(path: string, { without = [], withoutVersions = false }: Source): boolean {
  if (without.some((excluded) => path === excluded || path.startsWith(`${excluded}/`))) return true;
  const folders = path.split("/").slice(0, -1);
  return withoutVersions && folders.some((name) => VERSION.test(name));
}

for (const source of known[project].sources) {
  const work = await mkdtemp(join(tmpdir(), "winnow-docs-"));
  try {
    const file = join(work, "docs.tar");
    const from = await holding(source, work);
    await run("git", ["-C", from, "archive", "--output", file, source.commit, ...source.folders]);
    await mkdir(out, { recursive: true });
    await extract({ file, cwd: out, filter: (path) => !isLeftOut(path, source) });
  } finally {
    await rm(work, { recursive: true });
  }
}
console.log(`${project}: docs in ${out} (${(await readdir(out)).join(", ")})`);
