// npm run pack: compiles the sources into dist/, which `npm pack` makes an archive of. Paths in it are those of the
// clone, with .js for .ts, so that every module finds its files as it does there.
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { commitOf } from "../../cli/version.ts";
import { projectRoot } from "../../config/read.ts";
import { PACKED_RECIPES, readCodeVersions } from "../../core/stages/index.ts";
import { packedScript, pageScripts } from "../../http/page/scripts.ts";
import { copiedFiles } from "./files.ts";
import { type Lockfile, lockfileFor, type Manifest } from "./lockfile.ts";
import { packedManifest } from "./manifest.ts";

const dist = join(projectRoot, "dist");

rmSync(dist, { recursive: true, force: true });
compile();
for (const file of copiedFiles(projectRoot)) copy(file);
await writeDerived();
writeManifest();
pack();

function compile(): void {
  const compiler = join(projectRoot, "node_modules", "typescript", "bin", "tsc");
  const config = join(projectRoot, "scripts", "package", "tsconfig.json");
  execFileSync(process.execPath, [compiler, "-p", config], { stdio: ["ignore", 2, 2] });
}

function copy(file: string): void {
  mkdirSync(dirname(join(dist, file)), { recursive: true });
  copyFileSync(join(projectRoot, file), join(dist, file));
}

/** Writes what a clone computes from its sources at run time. */
async function writeDerived(): Promise<void> {
  writeJson(PACKED_RECIPES, await readCodeVersions(projectRoot));
  const scripts = await pageScripts();
  const page = pathToFileURL(join(dist, "http", "page", "scripts.js")).href;
  writeFileSync(packedScript("ask", page), scripts.ask);
  writeFileSync(packedScript("widget", page), scripts.widget);
}

function writeManifest(): void {
  const lock = readJson<Lockfile>("package-lock.json");
  const manifest = packedManifest(readJson<Manifest>("package.json"), lock, commitOf(projectRoot));
  writeJson("package.json", manifest);
  writeJson("npm-shrinkwrap.json", lockfileFor(manifest, lock));
}

function pack(): void {
  const args = ["pack", dist, "--pack-destination", projectRoot, "--json", "--loglevel=error"];
  const shell = process.platform === "win32";
  const [packed] = JSON.parse(execFileSync("npm", args, { cwd: projectRoot, encoding: "utf8", shell }));
  rmSync(dist, { recursive: true });
  console.log(`${basename(packed.filename)}: ${packed.entryCount} files, ${(packed.size / 1e6).toFixed(1)} MB`);
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(projectRoot, path), "utf8"));
}

function writeJson(path: string, content: unknown): void {
  writeFileSync(join(dist, path), `${JSON.stringify(content, null, 2)}\n`);
}
