// Runs in the namespaces that test.mjs makes: the node, the servers beside it, and the checks.
import { mkdirSync } from "node:fs";
import { chown, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Checks } from "../images/checks.mjs";
import { root } from "../setup/paths.mjs";
import { checkAll } from "./checks.mjs";
import { Cluster } from "./cluster.mjs";
import { ADDRESS, prepareNamespaces, startContainerd, startKubernetes, startLogged } from "./node.mjs";
import { KEYS, overlayObjects, PORTS, secrets, volume } from "./overlay.mjs";

const { folder, cgroup, programs, archives, definitions } = JSON.parse(await readFile(process.argv[2], "utf8"));
const checks = new Checks();
await prepareNamespaces(folder);
startServers();
let cluster = null;
await checks.check("node", "kubelet, scheduler and controllers make a node ready on containerd", async () => {
  const started = Date.now();
  await startContainerd(folder, archives);
  cluster = new Cluster(await startKubernetes(folder, programs, cgroup));
  return `${Math.round((Date.now() - started) / 1000)} s`;
});
if (cluster) {
  await cluster.create(definitions);
  const objects = await overlayObjects(programs.kustomize, folder);
  await cluster.create(await volumes());
  await cluster.create(objects.filter(({ kind }) => kind === "Namespace"));
  await cluster.create([...secrets(), ...objects.filter(({ kind }) => kind !== "Namespace")]);
  await checkAll(cluster, checks, { folder, cgroup, objects });
}
const passed = [...checks.passed.values()].reduce((sum, count) => sum + count, 0);
console.log(`\n${passed} passed, ${checks.failed.length} failed${checks.failed.map((name) => `\n  ${name}`).join("")}`);
process.exit(checks.failed.length > 0 ? 1 : 0);

function startServers() {
  const bucket = join(folder, "s3");
  mkdirSync(join(bucket, "winnow"), { recursive: true });
  startLogged(folder, programs.temporal, [
    "server",
    "start-dev",
    "--headless",
    "--ip",
    "0.0.0.0",
    "--port",
    `${PORTS.temporal}`,
  ]);
  const env = { ...process.env, ROOT_ACCESS_KEY: KEYS.user, ROOT_SECRET_KEY: KEYS.password };
  startLogged(folder, programs.versitygw, ["--port", `${ADDRESS}:${PORTS.s3}`, "posix", bucket], { env });
}

async function volumes() {
  const training = join(folder, "training");
  await mkdir(training);
  await chown(training, 1000, 1000);
  return [
    volume("winnow-docs", "ReadWriteMany", join(root, "samples")),
    volume("winnow-training", "ReadWriteOnce", training),
  ];
}
