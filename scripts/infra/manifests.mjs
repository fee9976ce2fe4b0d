import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parse, parseAllDocuments, stringify } from "yaml";
import { root } from "../setup/paths.mjs";
import { run, tail } from "../setup/run.mjs";

const infra = (...names) => join(root, "infra", ...names);

/** Components of infra/base, which can all be combined. */
export const BASE_OPTIONS = [
  ...["egress-temporal", "egress-ssh", "egress-weaviate", "egress-s3", "egress-llm"],
  ...["egress-collector", "egress-dns-cache", "egress-ipv6", "caches-volume", "alerts"],
];

/** Components of the pools; the last two are alternatives. */
export const POOL_OPTIONS = [
  ...["gpu", "caches", "payload-keys", "backlog-of-build", "ingress"],
  ...["temporal-api-key", "temporal-certificate"],
];
const [API_KEY, CERTIFICATE] = POOL_OPTIONS.slice(-2);

/** Builds to check: folder and added components. */
const BUILDS = {
  base: { folder: "base" },
  "cpu-only": { folder: "overlays/cpu-only" },
  gpu: { folder: "overlays/gpu" },
  build: { folder: "overlays/build" },
  "base-with-all": { folder: "base", components: BASE_OPTIONS },
  "cpu-only-with-all": {
    folder: "overlays/cpu-only",
    components: [...BASE_OPTIONS, ...POOL_OPTIONS.filter((name) => name !== CERTIFICATE)],
  },
  "build-with-all": { folder: "overlays/build", components: POOL_OPTIONS.filter((name) => name !== API_KEY) },
};

/** Builds all of infra/ into files of `scratch`: {name: file}. Throws Kustomize's message. */
export async function buildManifests(kustomize, scratch) {
  const files = {};
  for (const [name, { folder, components }] of Object.entries(BUILDS)) {
    const from = components ? await extended(infra(folder), components, join(scratch, name)) : infra(folder);
    files[name] = join(scratch, `${name}.yaml`);
    const { code, output } = await run(kustomize, ["build", from, "-o", files[name]], { cwd: root });
    if (code !== 0) throw new Error(`${name}: ${tail(output, 30)}`);
  }
  return files;
}

/**
 * Copies an overlay with components to another folder, as its user would; infra/base becomes a resource of an overlay.
 */
async function extended(folder, components, target) {
  const own = parse(await readFile(join(folder, "kustomization.yaml"), "utf8"));
  const overlay = folder === infra("base") ? { apiVersion: own.apiVersion, kind: own.kind, resources: ["."] } : own;
  await mkdir(target, { recursive: true });
  const extension = {
    ...overlay,
    resources: overlay.resources.map((path) => relative(target, join(folder, path))),
    components: components.map((name) => relative(target, infra("components", name))),
  };
  await writeFile(join(target, "kustomization.yaml"), stringify(extension));
  return target;
}

export function objectsIn(text) {
  return parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((object) => object?.kind);
}
