// Sizes of an image, by layer and by content.

const MODELS = "/opt/winnow/models";
export const megabytes = (bytes) => Math.round(bytes / 1e6);

const MEASURE = `
const fs = require("node:fs"), { join } = require("node:path");
const size = (path) => {
  const stat = fs.lstatSync(path);
  return stat.isDirectory() ? fs.readdirSync(path).reduce((sum, name) => sum + size(join(path, name)), 0) : stat.size;
};
const names = fs.readdirSync("/app/node_modules");
const packages = names.map((name) => [name, size("/app/node_modules/" + name)]).sort((a, b) => b[1] - a[1]);
console.log(JSON.stringify({ models: size("${MODELS}"), modules: packages.reduce((sum, [, bytes]) => sum + bytes, 0), packages: packages.slice(0, 10) }));`;

/** Bytes of an image and of what it holds: all layers, weights, node_modules and its ten biggest folders. */
export async function sizesOf(engine, tag) {
  const { layers } = await engine.inspect(tag);
  const container = await engine.start({ image: tag, entrypoint: ["node", "-e", MEASURE], readOnly: true });
  const { code } = await container.exited;
  const text = container.stdout();
  await container.remove();
  if (code !== 0) throw new Error(`${tag} cannot be measured: ${container.output()}`);
  return { layers, bytes: layers.reduce((sum, { bytes }) => sum + bytes, 0), ...JSON.parse(text) };
}

/** Lines for the screen. Layers under a megabyte are summed up. */
export function sizeLines({ layers, bytes, models, modules, packages }) {
  const big = layers.filter((layer) => layer.bytes >= 1e6);
  const rest = layers.filter((layer) => layer.bytes < 1e6);
  const small = rest.reduce((sum, layer) => sum + layer.bytes, 0);
  return [
    `${megabytes(bytes)} MB, ${megabytes(bytes - models)} MB without weights`,
    ...big.map((layer) => `  ${megabytes(layer.bytes)} MB  ${instruction(layer.by)}`),
    `  ${megabytes(small)} MB  ${rest.length} layers under 1 MB`,
    `  node_modules ${megabytes(modules)} MB: ${packages.map(([name, size]) => `${name} ${megabytes(size)}`).join(", ")}`,
  ];
}

const instruction = (by) =>
  by
    .replace(/^\/bin\/sh -c (#\(nop\) )?/, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 90) || "base";
