import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAddon } from "./faissBuild.mjs";
import { copyFolder, download } from "./files.mjs";
import { cache, folderOf } from "./paths.mjs";
import { FAISS } from "./pins.mjs";
import { degraded, done, working } from "./report.mjs";
import { run, tail } from "./run.mjs";

const ADDON = "faiss-node.node";

/**
 * Provides the native addon of faiss-node: installed, cached, its pinned prebuilt, or built against the system's
 * libfaiss. Without it, Winnow searches exactly in TypeScript with the same results, so its absence is no error.
 */
export async function provideFaiss() {
  const addonFolder = folderOf("faiss-node");
  const release = join(addonFolder, "build", "Release");
  const { version } = JSON.parse(await readFile(join(addonFolder, "package.json"), "utf8"));
  const platform = `${process.platform}-${process.arch}`;
  const kept = join(cache, "faiss-node", `${version}-${platform}-abi${process.versions.modules}`);
  if (await loads()) return done("faiss-node", `addon ${version}`);
  if (existsSync(kept)) {
    await copyFolder(kept, release);
    if (await loads()) return done("faiss-node", `addon ${version}, cached`);
  }
  const tried = [];
  for (const [label, way] of [
    ["prebuilt", () => prebuilt(version, platform, addonFolder)],
    ["built against libfaiss", () => buildAddon(addonFolder, join(release, ADDON))],
  ]) {
    await rm(release, { recursive: true, force: true });
    const problem = await way();
    if (problem === null && (await loads())) {
      await copyFolder(release, kept);
      return done("faiss-node", `addon ${version}, ${label}`);
    }
    tried.push(`${label}: ${problem ?? "does not load"}`);
  }
  await rm(release, { recursive: true, force: true });
  degraded("faiss-node", `no addon, so exact search serves (${tried.join("; ")})`);
}

/** Downloads the authors' addon, and puts its libraries beside it. Returns null on success, otherwise the reason. */
async function prebuilt(version, platform, addonFolder) {
  const sha256 = FAISS.version === version ? FAISS.archives[platform] : undefined;
  if (!sha256) return `none pinned for ${platform}`;
  const folder = await mkdtemp(join(tmpdir(), "winnow-faiss-"));
  const stop = working("faiss-node", "downloading its prebuilt addon");
  try {
    const archive = join(folder, "addon.tar.gz");
    await download(FAISS.url(platform), archive, sha256);
    await mkdir(join(addonFolder, "build"), { recursive: true });
    const { code, output } = await run("tar", ["-xzf", archive, "-C", addonFolder]);
    return code === 0 ? null : `did not unpack: ${tail(output, 1)}`;
  } catch (error) {
    return error.cause?.code ?? error.message;
  } finally {
    stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Loads and uses the addon in a separate process, since a bad addon may crash. */
async function loads() {
  if (!existsSync(join(folderOf("faiss-node"), "build", "Release", ADDON))) return false;
  const script =
    "const f=require('faiss-node');const i=new f.IndexFlatIP(2);i.add([1,0,0,1]);if(i.search([1,0],1).labels[0]!==0)process.exit(1)";
  return (await run(process.execPath, ["--input-type=commonjs", "-e", script])).code === 0;
}
