import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { download, placeFile } from "./files.mjs";
import { cache } from "./paths.mjs";
import { TEMPORAL } from "./pins.mjs";
import { degraded, done, SetupError, working } from "./report.mjs";
import { run, tail } from "./run.mjs";

const name = process.platform === "win32" ? "temporal.exe" : "temporal";
const target = join(cache, "bin", name);

/**
 * Provides the Temporal CLI with its dev server: cached, from PATH, the official download, or built with Go. If the
 * user names a server, the CLI is not fetched unless `own` requests it, as the tests do.
 */
export async function provideTemporal({ own = false } = {}) {
  const cached = await usable(target);
  if (cached.version) return done("Temporal", `${cached.version}, cached`);
  const onPath = await usable(name);
  if (onPath.version) return done("Temporal", `${onPath.version}, on PATH`);
  const named = own ? null : await namedServer();
  if (named) return degraded("Temporal", `no CLI here; the server at ${named} is used`);
  const tried = onPath.problem ? [onPath.problem] : [];
  for (const [label, way] of [
    ["downloaded", downloadBinary],
    ["built with Go", buildWithGo],
  ]) {
    const problem = await way();
    if (problem === null) return done("Temporal", `CLI ${TEMPORAL.version}, ${label}`);
    tried.push(problem);
  }
  throw new SetupError(`The Temporal CLI ${TEMPORAL.version} cannot be had here (${tried.join("; ")}).`, [
    "install it and put it on PATH: brew install temporal, or the archive from github.com/temporalio/cli/releases",
    "or install Go 1.25 or newer (Go 1.21 or newer fetches it by itself), and set-up builds it",
    "or use a Temporal server you run: set TEMPORAL_ADDRESS, or TEMPORAL_PROFILE",
  ]);
}

/**
 * The server named by TEMPORAL_ADDRESS or a profile of Temporal's configuration, and its source; null if none is named.
 */
export async function namedServer(env = process.env) {
  if (env.TEMPORAL_ADDRESS) return `${env.TEMPORAL_ADDRESS} (TEMPORAL_ADDRESS)`;
  // Imported late, because set-up installs this package.
  const { loadClientConnectConfig } = await import("@temporalio/envconfig");
  try {
    const overrideEnvVars = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
    const disableFile = env.TEMPORAL_CONFIG_FILE === "";
    const { address } = loadClientConnectConfig({ disableFile, overrideEnvVars }).connectionOptions;
    return address ? `${address} (profile ${env.TEMPORAL_PROFILE || "default"})` : null;
  } catch {
    // `winnow` reports a broken profile by file and field.
    return null;
  }
}

/** Server version of a CLI ("server 1.29.1"), or why it is unusable (null if it is missing). */
export async function usable(binary) {
  const { code, output } = await run(binary, ["--version"], { timeout: 15_000 });
  if (code === 127) return { version: null, problem: null };
  // A CLI built with Go has version 0.0.0-DEV, so the version of its server decides.
  const server = /\(Server (\d+)\.(\d+)[^,)]*/.exec(output);
  if (code !== 0 || !server)
    return { version: null, problem: `${binary} does not run a dev server: ${tail(output, 1)}` };
  const [major, minor] = server.slice(1).map(Number);
  const [leastMajor, leastMinor] = TEMPORAL.serverMinimum;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor))
    return { version: server[0].replace("(Server ", "server "), problem: null };
  const least = TEMPORAL.serverMinimum.join(".");
  return { version: null, problem: `${binary} is too old: ${server[0].slice(1)}, at least ${least} is needed` };
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
    await placeFile(join(folder, name), target, 0o755);
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
  const folder = await mkdtemp(join(cache, ".go-"));
  const stop = working("Temporal", "building the CLI and server with Go, about 4 minutes");
  // The version is pinned, and Go verifies every module against its checksum database.
  const env = { ...process.env, GOBIN: folder, GOFLAGS: "", CGO_ENABLED: "0" };
  try {
    const { code, output } = await run("go", ["install", "-ldflags", "-s -w", TEMPORAL.module], { env });
    if (code !== 0) return `go install failed: ${tail(output, 2)}`;
    await placeFile(join(folder, name), target, 0o755);
    return null;
  } finally {
    stop();
    await rm(folder, { recursive: true, force: true });
  }
}
