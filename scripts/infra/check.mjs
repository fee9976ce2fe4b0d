// npm run check:infra: images, compose file and Kubernetes manifests against what reads them, without Docker or a cluster.
// Tools and schemas come from Go's and Python's package registries; what cannot be had is skipped, and said.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../setup/paths.mjs";
import { run, tail } from "../setup/run.mjs";
import { moduleFolder, writeCustomSchemas, writeKubernetesSchemas } from "./schemas.mjs";
import { composeLoader, hadolint, kubeconform, kustomize } from "./tools.mjs";

const KUBERNETES = ["v1.34.1", "v1.37.2"];
const CUSTOM = {
  "github.com/kedacore/keda/v2@v2.21.0": "config/crd/bases",
  "github.com/prometheus-operator/prometheus-operator@v0.85.0": "example/prometheus-operator-crd",
};
const OVERLAYS = ["cpu-only", "gpu"];

const scratch = mkdtempSync(join(tmpdir(), "winnow-infra-"));
let failed = 0;
let skipped = 0;

/** One check: `prepare` gets the tools (a failure there is a skip), `work` gives null or what is wrong. */
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
for (const version of KUBERNETES)
  await check(
    `infra/ against the schemas of Kubernetes ${version}, KEDA and the Prometheus operator`,
    tools(version),
    manifests,
  );

rmSync(scratch, { recursive: true, force: true });
console.log(`${failed} failed, ${skipped} skipped`);
process.exit(failed > 0 ? 1 : 0);

function tools(version) {
  return async () => {
    const schemas = join(scratch, version);
    await writeKubernetesSchemas(await moduleFolder(`k8s.io/kubernetes@${version}`), schemas);
    for (const [module, folder] of Object.entries(CUSTOM))
      await writeCustomSchemas(join(await moduleFolder(module), folder), schemas);
    return { schemas, build: await kustomize(), conform: await kubeconform() };
  };
}

async function manifests({ schemas, build, conform }) {
  const location = join(schemas, "{{ .ResourceKind }}{{ .KindSuffix }}.json");
  const files = [join(root, "infra", "secrets.example.yaml")];
  for (const overlay of OVERLAYS) {
    const file = join(scratch, `${overlay}.yaml`);
    const problem = await passes(build, ["build", join(root, "infra", "overlays", overlay), "-o", file]);
    if (problem !== null) return `${overlay}: ${problem}`;
    files.push(file);
  }
  return passes(conform, ["-strict", "-summary", "-schema-location", location, ...files]);
}
