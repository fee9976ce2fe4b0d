// For the build stage of an image: removes from node_modules what Node never loads there. `npm run test:images` runs
// the sample on the rest.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const modules = process.argv[2];
const { arch } = process;

/** Browser builds, and declarations of packages without code. */
for (const name of ["onnxruntime-web", "echarts/dist", "@types"])
  rmSync(join(modules, name), { recursive: true, force: true });

const bridge = { x64: "x86_64", arm64: "aarch64" }[arch];
keepOnly("onnxruntime-node/bin/napi-v6", (name) => name === "linux");
keepOnly("onnxruntime-node/bin/napi-v6/linux", (name) => name === arch);
keepOnly("@temporalio/core-bridge/releases", (name) => name === `${bridge}-unknown-linux-gnu`);

// Source maps, typings and the sources that they point at.
for (const entry of readdirSync(modules, { recursive: true, withFileTypes: true }))
  if (entry.isFile() && /\.(map|[cm]?ts)$/.test(entry.name)) rmSync(join(entry.parentPath, entry.name));

/** Fails if nothing would be left, since then the package has another layout. */
function keepOnly(folder, wanted) {
  const names = readdirSync(join(modules, folder));
  if (!names.some(wanted)) throw new Error(`node_modules/${folder} has nothing for ${arch}: ${names.join(", ")}`);
  for (const name of names) if (!wanted(name)) rmSync(join(modules, folder, name), { recursive: true });
}
