import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cache, root } from "./paths.mjs";
import { degraded, done, working } from "./report.mjs";
import { run, tail } from "./run.mjs";

const addonFolder = join(root, "node_modules", "faiss-node");
const addon = join(addonFolder, "build", "Release", "faiss-node.node");
const HEADER = "#include <faiss/Index.h>\nnamespace faiss { using idx_t = Index::idx_t; }\n";

/**
 * The native addon of faiss-node: from the cache, its own prebuilt, or built against the system's libfaiss. Without it
 * Winnow searches exactly in TypeScript, with the same results, so its absence is no error.
 */
export async function provideFaiss() {
  const version = JSON.parse(await readFile(join(addonFolder, "package.json"), "utf8")).version;
  const kept = join(
    cache,
    "faiss-node",
    `${version}-${process.platform}-${process.arch}-abi${process.versions.modules}.node`,
  );
  if (existsSync(addon)) return done("faiss-node", `addon ${version}`);
  if (existsSync(kept)) {
    await place(kept, addon);
    if (await loads()) return done("faiss-node", `addon ${version} from the cache`);
    await rm(addon, { force: true });
    await rm(kept, { force: true });
  }
  const tried = [];
  for (const [label, way] of [
    ["prebuilt", prebuilt],
    ["built against libfaiss", build],
  ]) {
    const problem = await way();
    if (problem === null && (await loads())) {
      await place(addon, kept);
      return done("faiss-node", `addon ${version}, ${label}`);
    }
    await rm(addon, { force: true });
    tried.push(`${label}: ${problem ?? "does not load"}`);
  }
  degraded("faiss-node", `not available, exact search serves instead (${tried.join("; ")})`);
}

/** The package's own installer, which downloads a prebuilt addon where its releases can be reached. */
async function prebuilt() {
  const reachable = await fetch("https://github.com/ewfian/faiss-node/releases", {
    method: "HEAD",
    signal: AbortSignal.timeout(4000),
  }).then(
    (response) => response.ok,
    () => false,
  );
  if (!reachable) return "its releases cannot be reached";
  const stop = working("faiss-node", "downloading its prebuilt addon");
  const npx = process.platform === "win32" ? "npx.cmd" : "npx";
  const { code, output } = await run(npx, ["--yes", "prebuild-install@7.1.3", "--runtime", "napi", "--verbose"], {
    cwd: addonFolder,
    timeout: 120_000,
  });
  stop();
  return code === 0 && existsSync(addon) ? null : `none for this platform (${tail(output, 1)})`;
}

async function build() {
  if (process.platform !== "linux") return "only done on Linux";
  const problem = await libraries();
  if (problem) return problem;
  const include = join(dirname(process.execPath), "..", "include", "node");
  const folder = await mkdtemp(join(tmpdir(), "winnow-faiss-"));
  const stop = working("faiss-node", "building the addon against libfaiss");
  try {
    const header = join(folder, "faiss_compat.h");
    await writeFile(header, HEADER);
    const built = join(folder, "faiss-node.node");
    const { code, output } = await run("g++", [
      join(addonFolder, "src", "faiss.cc"),
      "-o",
      built,
      "-include",
      header,
      "-I",
      join(root, "node_modules", "node-addon-api"),
      "-I",
      include,
      "-std=c++17",
      "-O3",
      "-fPIC",
      "-shared",
      "-fopenmp",
      "-DNAPI_VERSION=8",
      "-DNAPI_CPP_EXCEPTIONS",
      "-DNODE_ADDON_API_CPP_EXCEPTIONS_ALL",
      "-lfaiss",
      "-lopenblas",
    ]);
    if (code !== 0) return `g++ failed: ${tail(output, 1)}`;
    await place(built, addon);
    return null;
  } finally {
    stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** libfaiss and a compiler; as root on a Debian-like system they are installed, else the message says how. */
async function libraries() {
  if (existsSync("/usr/include/faiss/Index.h") && (await run("g++", ["--version"])).code === 0) return null;
  if (!existsSync("/usr/bin/apt-get")) return "no libfaiss headers";
  if (process.getuid?.() !== 0)
    return "no libfaiss headers: sudo apt-get install libfaiss-dev libopenblas-dev g++, then npm start again";
  const stop = working("faiss-node", "apt-get install libfaiss-dev");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env });
  const { code, output } = await run(
    "apt-get",
    ["install", "-y", "-qq", "--no-install-recommends", "libfaiss-dev", "libopenblas-dev", "g++"],
    { env },
  );
  stop();
  return code === 0 ? null : `apt-get: ${tail(output, 1)}`;
}

/** Loads and uses the addon in a process of its own: a bad one may crash. */
async function loads() {
  const script =
    "const f=require('faiss-node');const i=new f.IndexFlatIP(2);i.add([1,0,0,1]);if(i.search([1,0],1).labels[0]!==0)process.exit(1)";
  return (await run(process.execPath, ["-e", script])).code === 0;
}

async function place(from, to) {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, `${to}.part-${process.pid}`);
  await rename(`${to}.part-${process.pid}`, to);
}
