import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { download } from "./download.mjs";
import { cache } from "./paths.mjs";
import { TEMPORAL } from "./pins.mjs";
import { done, SetupError, working } from "./report.mjs";
import { run, tail } from "./run.mjs";

const name = process.platform === "win32" ? "temporal.exe" : "temporal";
const target = join(cache, "bin", name);

/** The Temporal CLI with its dev server: cached, on PATH, the official download, or built by Go. */
export async function findTemporal() {
  if (existsSync(target)) return done("Temporal", `cached CLI ${TEMPORAL.version}`);
  const onPath = await run(name, ["--version"], { timeout: 5000 });
  if (onPath.code === 0) return done("Temporal", `on PATH: ${onPath.output.trim().split("\n")[0]}`);
  const tried = [];
  for (const way of [downloadBinary, buildWithGo]) {
    const problem = await way();
    if (problem === null)
      return done("Temporal", `CLI ${TEMPORAL.version} ${way === buildWithGo ? "built with Go" : "downloaded"}`);
    tried.push(problem);
  }
  throw new SetupError(`The Temporal CLI ${TEMPORAL.version} cannot be had here (${tried.join("; ")}).`, [
    "install it and put it on PATH: brew install temporal, or the archive from github.com/temporalio/cli/releases",
    "install Go 1.23 or newer, and set-up builds it",
    "use a Temporal server you run: set TEMPORAL_ADDRESS",
  ]);
}

async function downloadBinary() {
  const platform = `${process.platform}_${{ x64: "amd64", arm64: "arm64" }[process.arch]}`;
  const sha256 = TEMPORAL.archives[platform];
  if (!sha256) return `no pinned download for ${platform}`;
  const folder = await mkdtemp(join(tmpdir(), "winnow-temporal-"));
  const stop = working("Temporal", "official download");
  try {
    const archive = join(folder, "temporal.tar.gz");
    await download(TEMPORAL.url(platform), archive, sha256);
    const { code, output } = await run("tar", ["-xzf", archive, "-C", folder]);
    if (code !== 0) return `the archive did not unpack: ${tail(output, 1)}`;
    await keep(join(folder, name));
    return null;
  } catch (error) {
    return `download: ${error.cause?.code ?? error.message}`;
  } finally {
    stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function buildWithGo() {
  if ((await run("go", ["version"])).code !== 0) return "no Go to build it with";
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "go-"));
  const stop = working("Temporal", "building the CLI and server with Go, about 4 minutes");
  // Go verifies every module against its checksum database; the version is pinned.
  const env = { ...process.env, GOBIN: folder, GOFLAGS: "" };
  const { code, output } = await run("go", ["install", "-ldflags", "-s -w", TEMPORAL.module], { env });
  stop();
  try {
    if (code !== 0) return `go install failed: ${tail(output, 2)}`;
    await keep(join(folder, name));
    return null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function keep(file) {
  await mkdir(join(cache, "bin"), { recursive: true });
  await chmod(file, 0o755);
  try {
    await rename(file, target);
  } catch {
    // Another file system: copy beside the target, then rename.
    const { copyFile } = await import("node:fs/promises");
    await copyFile(file, `${target}.part`);
    await rename(`${target}.part`, target);
  }
}
