import { readdirSync } from "node:fs";
import { join } from "node:path";
import architecture from "../../architecture.json" with { type: "json" };

/** Folders of the product, whose modules the package holds compiled. */
export const ROOMS = [...new Set(architecture.floors.flat().map(({ room }) => room.split("/")[0]!))];

/** Other files and folders of the package. */
const BESIDE = ["README.md", "CHANGELOG.md", "LICENSE", "samples", "scripts/bootstrap.mjs", "scripts/setup"];

/** Files beside the modules that are read at run time. */
const READ_BY_MODULES = /\.(json|css|cjs|mjs)$/;
const FOR_TESTS = /\.test\.|(^|\/)(testing|fixtures)\//;

/** Files that are copied into the package unchanged: paths relative to the clone, with forward slashes. */
export function copiedFiles(root: string): string[] {
  const read = ROOMS.flatMap((room) => filesIn(root, room)).filter((file) => READ_BY_MODULES.test(file));
  return [...read, ...BESIDE.flatMap((path) => filesIn(root, path))].filter((file) => !FOR_TESTS.test(file)).sort();
}

/** All files of a folder, or the file itself. */
function filesIn(root: string, path: string): string[] {
  if (/\.\w+$|LICENSE$/.test(path)) return [path];
  const entries = readdirSync(join(root, path), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return files.map((file) => file.slice(root.length).replaceAll("\\", "/").replace(/^\//, ""));
}
