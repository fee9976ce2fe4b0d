import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { placeFile } from "./files.mjs";
import { folderOf, SET_UP } from "./paths.mjs";
import { working } from "./report.mjs";
import { run, tail } from "./run.mjs";

const DEBIAN_PACKAGES = ["libfaiss-dev", "libopenblas-dev", "g++"];

/** FAISS 1.7.3 declares idx_t inside Index, and the addon's source expects it in the namespace. */
const COMPATIBILITY = "#include <faiss/Index.h>\nnamespace faiss { using idx_t = Index::idx_t; }\n";

/** The last two turn FAISS's exceptions into JavaScript errors; without them the process would end. */
const FLAGS =
  "-std=c++17 -O3 -fPIC -shared -fopenmp -DNAPI_VERSION=8 -DNAPI_CPP_EXCEPTIONS -DNODE_ADDON_API_CPP_EXCEPTIONS_ALL";

/**
 * Compiles faiss-node's source against the system's libfaiss and installs the addon. Returns null on success, otherwise
 * the reason.
 */
export async function buildAddon(addonFolder, addon) {
  if (process.platform !== "linux") return "only done on Linux";
  const headers = nodeHeaders();
  if (!headers) return "Node's headers (node_api.h) are not beside it";
  const problem = await libraries();
  if (problem) return problem;
  const folder = await mkdtemp(join(tmpdir(), "winnow-faiss-"));
  const stop = working("faiss-node", "building the addon against libfaiss");
  try {
    const header = join(folder, "compatibility.h");
    await writeFile(header, COMPATIBILITY);
    const built = join(folder, "faiss-node.node");
    const source = join(addonFolder, "src", "faiss.cc");
    const includes = ["-include", header, "-I", folderOf("node-addon-api"), "-I", headers];
    const libraries = ["-lfaiss", "-lopenblas"];
    const { code, output } = await run("g++", [source, "-o", built, ...includes, ...FLAGS.split(" "), ...libraries]);
    if (code !== 0) return `g++ failed: ${tail(output, 1)}`;
    await placeFile(built, addon);
    return null;
  } finally {
    stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function nodeHeaders() {
  const places = [
    join(dirname(process.execPath), "..", "include", "node"),
    "/usr/include/node",
    "/usr/include/nodejs/src",
  ];
  return places.find((place) => existsSync(join(place, "node_api.h"))) ?? null;
}

/**
 * Finds libfaiss and a compiler. As root on a Debian-like system it installs them; otherwise the reason gives the
 * command.
 */
async function libraries() {
  if (existsSync("/usr/include/faiss/Index.h") && (await run("g++", ["--version"])).code === 0) return null;
  if (!existsSync("/usr/bin/apt-get")) return "no libfaiss headers";
  if (process.getuid?.() !== 0)
    return `no libfaiss headers: sudo apt-get install ${DEBIAN_PACKAGES.join(" ")}, then ${SET_UP}`;
  const stop = working("faiss-node", `apt-get install ${DEBIAN_PACKAGES.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env });
  const install = ["install", "-y", "-qq", "--no-install-recommends", ...DEBIAN_PACKAGES];
  const { code, output } = await run("apt-get", install, { env });
  stop();
  return code === 0 ? null : `apt-get: ${tail(output, 1)}`;
}
