// What a node needs, made before it has a network of its own: programs by Go, images by Buildah.
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildah } from "../images/buildah.mjs";
import { capture } from "../images/capture.mjs";
import { kubernetesProgram } from "../infra/kubernetes.mjs";
import { customDefinitions, moduleFolder } from "../infra/schemas.mjs";
import { kustomize } from "../infra/tools.mjs";
import { cache, root } from "../setup/paths.mjs";
import { run } from "../setup/run.mjs";
import { provideTemporal } from "../setup/temporal.mjs";
import { versitygw } from "../setup/versitygw.mjs";
import { PAUSE } from "./node.mjs";
import { IMAGES, tagOf } from "./overlay.mjs";

const VERSION = "v1.34.1";
const PARTS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet"];
const PROGRAMS = ["containerd", "runc", "etcd", "gcc"];
const PLUGINS = "/usr/lib/cni";

/** Null, or why a node cannot run on this machine. */
export async function unusable() {
  const reason = await buildah.unusable();
  if (reason) return reason;
  const missing = [];
  for (const name of PROGRAMS) if ((await run(name, ["--version"])).code === 127) missing.push(name);
  if (!existsSync(join(PLUGINS, "bridge"))) missing.push(`${PLUGINS}/bridge`);
  if (missing.length > 0)
    return `missing: ${missing.join(", ")} (apt-get install containerd containernetworking-plugins etcd-server gcc)`;
  return existsSync("/sys/fs/cgroup/memory/cgroup.procs") ? null : "it needs writable cgroups of version 1";
}

/** Programs, archives of images and the definitions of KEDA and Prometheus's operator: {programs, archives, definitions}. */
export async function prepare(folder) {
  const programs = { kustomize: await kustomize(), versitygw: await versitygw(), temporal: await temporal() };
  for (const name of PARTS) programs[name] = await kubernetesProgram(name, VERSION);
  return { programs, archives: await images(folder), definitions: await customDefinitions() };
}

async function temporal() {
  await provideTemporal({ own: true });
  const cached = join(cache, "bin", "temporal");
  return existsSync(cached) ? cached : "temporal";
}

async function images(folder) {
  const file = join(root, "docker", "Dockerfile");
  await buildah.prepare(/^ARG NODE_IMAGE=(\S+)$/m.exec(readFileSync(file, "utf8"))[1]);
  for (const target of IMAGES) await buildah.build({ file, target, tag: tagOf(target), context: root });
  await buildPause(join(folder, "pause"));
  return Promise.all([PAUSE, ...IMAGES.map(tagOf)].map((tag) => save(tag, folder)));
}

async function save(tag, folder) {
  const file = join(folder, `${tag.replace(/\W/g, "-")}.tar`);
  await buildah.save(tag, file);
  return file;
}

/** The process that holds a pod's namespaces, from the source in Kubernetes' own module. */
async function buildPause(context) {
  await mkdir(context, { recursive: true });
  const source = join(await moduleFolder(`k8s.io/kubernetes@${VERSION}`), "build", "pause", "linux", "pause.c");
  await capture("gcc", ["-Os", "-static", `-DVERSION=${VERSION}`, "-o", join(context, "pause"), source]);
  const file = join(context, "Dockerfile");
  await writeFile(file, 'FROM scratch AS pause\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n');
  await buildah.build({ file, target: "pause", tag: PAUSE, context });
}
