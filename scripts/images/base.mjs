// The base image that docker/Dockerfile names, for machines without a registry of images: Debian by debootstrap, Node
// and npm from the npm registry. It stays in the storage below the cache folder, under the digest of its recipe.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { provideNode } from "../setup/node.mjs";
import { cache } from "../setup/paths.mjs";
import { degraded, working } from "../setup/report.mjs";
import { run, tail } from "../setup/run.mjs";

const NPM = "npm@11.21.2";
/** node_api.h, for the addon of faiss-node. Its interface is the same in all versions of Node. */
const HEADERS = "node-api-headers@1.9.0";
const AUTHORITIES = "/usr/local/share/build-authorities.crt";

/** What Debian's slim images leave out as well, now and when packages are added. */
const LEFT_OUT = ["doc", "man", "locale", "info", "lintian"].map((name) => `usr/share/${name}`);
const LEFT_BY_APT = ["var/cache/apt", "var/lib/apt/lists", "var/log", "var/cache/debconf"];
const APT_KEEPS_NOTHING = `DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };
Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
`;

/** Version of Node and Debian's suite in the name of an official image. Throws for other names. */
export function partsOf(image) {
  const found = /^node:(\d+\.\d+\.\d+)-([a-z]+)-slim$/.exec(image);
  if (!found) throw new Error(`${image} is no image of Node's on a slim Debian, and only those can be made here`);
  return { node: found[1], suite: found[2] };
}

/**
 * Provides the image under `name`, from the storage or made now (two minutes). `buildah(args)` returns its output and
 * throws on failure.
 */
export async function provideBase(buildah, name) {
  const { node, suite } = partsOf(name);
  const environment = await surroundings();
  const recipe = [await readFile(fileURLToPath(import.meta.url)), name, JSON.stringify(environment)];
  const digest = createHash("sha256").update(recipe.join("\n")).digest("hex").slice(0, 16);
  const kept = `localhost/winnow-base:${digest}`;
  if (!(await exists(buildah, kept))) {
    const stop = working("Base image", `${name} by debootstrap`);
    await make(buildah, { node, suite, environment, tag: kept }).finally(stop);
  }
  await buildah(["tag", kept, `docker.io/library/${name}`]);
}

const exists = (buildah, name) =>
  buildah(["inspect", "--type", "image", "--format", "{{.FromImageID}}", name]).then(
    () => true,
    () => false,
  );

async function make(buildah, { node, suite, environment, tag }) {
  const container = await buildah(["from", "scratch"]);
  try {
    const rootfs = await buildah(["mount", container]);
    const debootstrap = ["--variant=minbase", suite, rootfs, await mirror(suite)];
    const { code, output } = await run("debootstrap", debootstrap);
    if (code !== 0) throw new Error(`debootstrap: ${tail(output, 3)}`);
    for (const folder of LEFT_BY_APT) await run("find", [join(rootfs, folder), "-type", "f", "-delete"]);
    for (const folder of LEFT_OUT) await rm(join(rootfs, folder), { recursive: true, force: true });
    const excluded = LEFT_OUT.map((folder) => `path-exclude /${folder}/*\n`).join("");
    await writeFile(join(rootfs, "etc", "dpkg", "dpkg.cfg.d", "docker"), excluded);
    await writeFile(join(rootfs, "etc", "apt", "apt.conf.d", "docker-clean"), APT_KEEPS_NOTHING);
    await addNode(rootfs, node);
    await addUser(rootfs);
    if (environment.authorities) await cp(environment.authorities, join(rootfs, AUTHORITIES));
    const variables = Object.entries(variablesOf(environment)).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
    await buildah(["config", "--cmd", "node", ...variables, container]);
    await buildah(["commit", container, tag]);
  } finally {
    await buildah(["rm", container]);
  }
}

/** Debian's address as apt has it configured. The image keeps it, so one with a user or token is not taken. */
async function mirror(suite) {
  const { output } = await run("apt-get", ["indextargets", "--format", "$(CODENAME) $(SUITE) $(REPO_URI)"]);
  const lines = output.split("\n").map((line) => line.split(" "));
  const found = lines.find((line) => line[0] === suite && !hasUser(line.at(-1)));
  if (!found)
    throw new Error(`apt has no source without a user or token for ${suite}, of which the base image is made`);
  return found.at(-1);
}

async function addNode(rootfs, version) {
  const local = join(rootfs, "usr", "local");
  const parts = join(cache, "images", "npm");
  await mkdir(parts, { recursive: true });
  const options = ["--prefix", parts, "--ignore-scripts", "--no-audit", "--no-fund"];
  const { code, output } = await run("npm", ["install", ...options, NPM, HEADERS], { cwd: parts });
  if (code !== 0) throw new Error(`npm install ${NPM} ${HEADERS}: ${withoutUsers(tail(output, 2))}`);
  await cp(provideNode(version), join(local, "bin", "node"));
  await cp(join(parts, "node_modules", "npm"), join(local, "lib", "node_modules", "npm"), { recursive: true });
  await cp(join(parts, "node_modules", "node-api-headers", "include"), join(local, "include", "node"), {
    recursive: true,
  });
  for (const name of ["npm", "npx"])
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, "bin", name));
}

async function addUser(rootfs) {
  await appendFile(join(rootfs, "etc", "passwd"), "node:x:1000:1000::/home/node:/bin/bash\n");
  await appendFile(join(rootfs, "etc", "group"), "node:x:1000:\n");
  await run("install", ["-d", "-o", "1000", "-g", "1000", join(rootfs, "home", "node")]);
  // Services must not start while packages are installed.
  await writeFile(join(rootfs, "usr", "sbin", "policy-rc.d"), "#!/bin/sh\nexit 101\n", { mode: 0o755 });
}

/** The machine's own authorities and registries, which a build behind a proxy or mirror needs. */
async function surroundings() {
  const candidates = [process.env.NODE_EXTRA_CA_CERTS, process.env.SSL_CERT_FILE];
  const registry = (await run("npm", ["config", "get", "registry"])).output.trim();
  const index = (await run("python3", ["-m", "pip", "config", "get", "global.index-url"])).output.trim();
  return {
    authorities: candidates.find((file) => file && existsSync(file)),
    registry: addressFor("npm", registry),
    index: addressFor("pip", index),
  };
}

/** A registry's address if an image may contain it: all who have the image could read a user or token in it. */
export function addressFor(program, address, say = degraded) {
  if (!/^https?:/.test(address)) return undefined;
  if (!hasUser(address)) return address;
  say("Base image", `without the registry that ${program} has configured: its address contains a user or token`);
  return undefined;
}

const hasUser = (address) => withoutUsers(address) !== address;

/** A text without the users and tokens of its addresses. */
export function withoutUsers(text) {
  return text.replace(/\b(https?:\/\/)[^\s/]*@/g, "$1");
}

function variablesOf({ authorities, registry, index }) {
  const trusted = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "PIP_CERT"].map((name) => [name, AUTHORITIES]);
  return {
    ...Object.fromEntries(authorities ? trusted : []),
    ...(registry && { npm_config_registry: registry }),
    ...(index && { PIP_INDEX_URL: index }),
  };
}
