// npm run check:infra: checks images, compose file and Kubernetes manifests with the parsers of their tools, without
// Docker or a cluster. Tools and schemas come from the package registries of Go and Python. Checks with missing tools
// are skipped and reported.
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../setup/paths.mjs";
import { run, tail } from "../setup/run.mjs";
import { create, dryRun, startApiServer } from "./apiServer.mjs";
import { kubernetesProgram } from "./kubernetes.mjs";
import { buildManifests, objectsIn } from "./manifests.mjs";
import { problemsOf } from "./pools.mjs";
import {
  customDefinitions,
  customFolders,
  moduleFolder,
  writeCustomSchemas,
  writeKubernetesSchemas,
} from "./schemas.mjs";
import { composeLoader, hadolint, kubeconform, kustomize } from "./tools.mjs";

const KUBERNETES = ["v1.34.1", "v1.37.2"];
const SECRETS = join(root, "infra", "secrets.example.yaml");

const scratch = mkdtempSync(join(tmpdir(), "winnow-infra-"));
let failed = 0;
let skipped = 0;

/** One check. `prepare` returns the tools, and its failure skips the check. `work` returns null or the problem. */
async function check(name, prepare, work) {
  let tools;
  try {
    tools = await prepare();
  } catch (error) {
    skipped++;
    return console.log(`○ ${name}: skipped, ${error.message}`);
  }
  const problem = await work(tools);
  if (problem !== null) failed++;
  console.log(problem === null ? `✔ ${name}` : `✘ ${name}\n${problem}`);
}

async function passes(program, args) {
  const { code, output } = await run(program, args, { cwd: root });
  return code === 0 ? null : tail(output, 30);
}

await check("docker/Dockerfile by hadolint", hadolint, (lint) =>
  passes(lint, ["-c", "docker/hadolint.yaml", "docker/Dockerfile"]),
);
await check("docker-compose.yml by compose's own loader", composeLoader, (load) =>
  passes(load, ["docker-compose.yml"]),
);
await check("docker-compose.yml with docker/compose.cuda.yml", composeLoader, (load) =>
  passes(load, ["docker-compose.yml", "docker/compose.cuda.yml"]),
);
await check("infra/: the pools of two builds beside each other, by what refers to and selects what", kustomize, apart);
for (const version of KUBERNETES)
  await check(
    `infra/ against the schemas of Kubernetes ${version}, KEDA and the Prometheus operator`,
    tools(version),
    manifests,
  );

const API_SERVER = KUBERNETES[0];
await check(`infra/ in a dry run by an API server of Kubernetes ${API_SERVER}`, server(API_SERVER), admitted);

rmSync(scratch, { recursive: true, force: true });
console.log(`${failed} failed, ${skipped} skipped`);
process.exit(failed > 0 ? 1 : 0);

function tools(version) {
  return async () => {
    const schemas = join(scratch, version);
    await writeKubernetesSchemas(await moduleFolder(`k8s.io/kubernetes@${version}`), schemas);
    for (const folder of await customFolders()) await writeCustomSchemas(folder, schemas);
    return { schemas, build: await kustomize(), conform: await kubeconform() };
  };
}

function server(version) {
  return async () => {
    const tools = { build: await kustomize(), definitions: await customDefinitions() };
    return { ...tools, api: await startApiServer(await kubernetesProgram("kube-apiserver", version), scratch) };
  };
}

async function admitted({ build, definitions, api }) {
  try {
    await create(api, definitions);
    const refused = [];
    for (const file of [...Object.values(await buildManifests(build, scratch)), SECRETS]) {
      const objects = objectsIn(await readFile(file, "utf8"));
      await create(
        api,
        objects.filter(({ kind }) => kind === "Namespace"),
      );
      refused.push(...(await dryRun(api, objects)));
    }
    return refused.length > 0 ? refused.join("\n") : null;
  } catch (error) {
    return error.message;
  } finally {
    await api.stop();
  }
}

/** Builds each overlay with the shared objects and the pools of a build, with and without its optional components. */
async function apart(build) {
  try {
    const files = await buildManifests(build, scratch);
    const objects = {};
    for (const [name, file] of Object.entries(files)) objects[name] = objectsIn(await readFile(file, "utf8"));
    const shared = new Set(objects["base-with-all"].map(identity));
    const poolsOf = (name) => objects[name].filter((object) => !shared.has(identity(object)));
    const problems = [
      ["base", "cpu-only", "build"],
      ["base", "gpu", "build"],
      ["base-with-all", "cpu-only-with-all", "build-with-all"],
    ].flatMap(([base, ...builds]) =>
      problemsOf(objects[base], Object.fromEntries(builds.map((name) => [name, poolsOf(name)]))),
    );
    return problems.length > 0 ? [...new Set(problems)].join("\n") : null;
  } catch (error) {
    return error.message;
  }
}

function identity({ kind, metadata }) {
  return `${kind} ${metadata.name}`;
}

async function manifests({ schemas, build, conform }) {
  const location = join(schemas, "{{ .ResourceKind }}{{ .KindSuffix }}.json");
  try {
    const files = Object.values(await buildManifests(build, scratch));
    return passes(conform, ["-strict", "-summary", "-schema-location", location, ...files, SECRETS]);
  } catch (error) {
    return error.message;
  }
}
