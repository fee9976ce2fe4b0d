import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { placeFile } from "./files.mjs";
import { cache } from "./paths.mjs";
import { run, tail } from "./run.mjs";

/** An S3 server over a folder, started by the tests. Go verifies every module against its checksum database. */
const MODULE = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";

const target = join(cache, "bin", process.platform === "win32" ? "versitygw.exe" : "versitygw");

/** Path of the server: cached, or built with Go (about a minute). Throws if Go is missing. */
export function versitygw() {
  return goProgram(MODULE, target);
}

/** Path of a Go program: `target` if it exists, otherwise built there. Throws with the last lines of Go's output. */
export async function goProgram(module, target) {
  if (existsSync(target)) return target;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, ".go-"));
  try {
    const env = { ...process.env, GOBIN: folder, GOFLAGS: "", CGO_ENABLED: "0" };
    const { code, output } = await run("go", ["install", "-ldflags", "-s -w", module], { env });
    if (code !== 0) throw new Error(`${module} cannot be built: ${code === 127 ? "there is no Go" : tail(output, 2)}`);
    const words = module.split("@")[0].split("/");
    const name = words.findLast((word) => !/^v\d+$/.test(word));
    await placeFile(join(folder, name), target, 0o755);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As a command it prints the path. With --ask, only the exit code shows whether the server is available. */
if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (process.argv[2] !== "--ask") console.log(await versitygw());
  else process.exit(existsSync(target) || (await run("go", ["version"])).code === 0 ? 0 : 1);
}
