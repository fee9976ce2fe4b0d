// npm run test:images [-- --engine docker|podman|buildah] [--sizes]: builds the images of docker/Dockerfile and runs
// each pool from its image beside the services of docker-compose.yml. --sizes builds and measures only.

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../setup/paths.mjs";
import { Checks } from "./checks.mjs";
import { readServices, Stack, volumeNames } from "./compose.mjs";
import { chooseEngine } from "./engines.mjs";
import {
  checkAll,
  checkDrain,
  checkProbes,
  checkQuestions,
  checkRun,
  checkServices,
  checkStart,
  summaryTable,
} from "./pools.mjs";
import { sizeLines, sizesOf } from "./sizes.mjs";

const TARGETS = ["cpu", "query", "web", "all"];
const SIZE_LIMIT = 700e6;
const tagOf = (target) => `winnow-${target}:tested`;
const FILE = join(root, "docker", "Dockerfile");

const { values } = parseArgs({ options: { engine: { type: "string" }, sizes: { type: "boolean" } } });
const engine = await chooseEngine(values.engine).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
const checks = new Checks();
const base = /^ARG NODE_IMAGE=(\S+)$/m.exec(readFileSync(FILE, "utf8"))[1];
console.log(`Images by ${engine.name}, on ${cpus().length} processors, Linux ${process.arch}`);
const sizes = await buildAndMeasure();
const measured = values.sizes ? new Map() : await runAll();
report();
process.exit(checks.failed.length > 0 ? 1 : 0);

async function buildAndMeasure() {
  const found = new Map();
  await engine.prepare(base);
  for (const target of TARGETS)
    await checks.check(target, "builds", async () => {
      const started = Date.now();
      await engine.build({ file: FILE, target, tag: tagOf(target), context: root });
      found.set(target, await sizesOf(engine, tagOf(target)));
      return `${Math.round((Date.now() - started) / 1000)} s`;
    });
  console.log("○ gpu: not built, since its base is NVIDIA's image and the sample trains on the cpu image");
  const { bytes, models } = found.get("query") ?? {};
  await checks.check("query", "weighs at most 700 MB without weights", async () => {
    if (!(bytes - models <= SIZE_LIMIT)) throw new Error(`${bytes - models} bytes`);
  });
  for (const [target, size] of found) console.log(`${target}: ${sizeLines(size).join("\n")}`);
  return found;
}

/** Seconds to health and bytes at rest of each pool. */
async function runAll() {
  const services = { ...readServices({ WINNOW_HTTP_ALLOWED_HOSTS: "web" }) };
  services.all = { ...services.cpu, image: "winnow-all" };
  const wanted = [
    "postgresql",
    "schema",
    "temporal",
    "namespace",
    "s3",
    "bucket",
    "cpu",
    "gpu",
    "query",
    "web",
    "all",
    "cli",
  ];
  const foreign = new Map();
  for (const name of wanted) {
    const { image } = services[name];
    if (!image.startsWith("winnow-") && !foreign.has(image)) foreign.set(image, await engine.foreign(image, base));
  }
  const images = (image) => foreign.get(image) ?? tagOf(image.replace(/^winnow-/, ""));
  const network = await engine.network(wanted);
  const made = new Map();
  for (const name of volumeNames(services)) made.set(name, await engine.volume());
  const volumes = Object.fromEntries([...made].map(([name, { source }]) => [name, source]));
  const stack = new Stack(engine, services, { network, volumes, images });
  const cleanUp = async () => {
    await stack.down();
    await network.stop();
    for (const volume of made.values()) await volume.remove();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => cleanUp().finally(() => process.exit(130)));
  try {
    return await runChecks(stack);
  } finally {
    await cleanUp();
  }
}

async function runChecks(stack) {
  await checkServices(stack, checks);
  const found = new Map();
  for (const name of ["cpu", "gpu", "query", "web"]) found.set(name, await checkStart(stack, checks, name));
  for (const name of ["cpu", "gpu", "query"]) await checkProbes(stack, checks, name, 8080, 200);
  // Alive, and not ready before the first release.
  await checkProbes(stack, checks, "web", 8090, 503);
  const release = await checkRun(stack, checks);
  await checkProbes(stack, checks, "web", 8090, 200);
  await checkQuestions(stack, checks, release);
  await checkDrain(stack, checks);
  found.set("all", await checkAll(stack, checks, release));
  return found;
}

function report() {
  const rows = TARGETS.filter((name) => sizes.has(name)).map((name) => ({
    name,
    ...sizes.get(name),
    ...measured.get(name),
    passed: checks.passed.get(name) ?? 0,
  }));
  console.log(`\n${summaryTable(rows).join("\n")}`);
  const passed = [...checks.passed.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `\n${passed} passed, ${checks.failed.length} failed, gpu skipped${checks.failed.map((name) => `\n  ${name}`).join("")}`,
  );
}
