// A Kubernetes node of one machine, in namespaces of its own: mounts, processes, network. What runs here ends with this
// process, and the machine sees nothing of it but cgroups below one folder.

import { spawn } from "node:child_process";
import { createWriteStream, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { capture } from "../images/capture.mjs";
import { send, startApiServer, TOKEN } from "../infra/apiServer.mjs";
import { flags, until } from "../infra/processes.mjs";

/** The node's own address: the bridge, which is also the pods' gateway. */
export const ADDRESS = "10.244.0.1";
const SUBNET = "10.244.0.0/24";
export const PAUSE = "localhost/pause:tested";
const SOCKET = "/run/containerd/containerd.sock";

/** Values that the kubelet would otherwise set for the whole machine. It reads them from these files and is content. */
const TUNABLES = {
  "vm/overcommit_memory": 1,
  "vm/panic_on_oom": 0,
  "kernel/panic": 10,
  "kernel/panic_on_oops": 1,
  "kernel/keys/root_maxkeys": 1_000_000,
  "kernel/keys/root_maxbytes": 25_000_000,
};

/** Prepares the namespaces of this process: writable copies of /etc and /var/lib, an own /run, a bridge for pods. */
export async function prepareNamespaces(folder) {
  const mount = (...args) => capture("mount", args);
  await mount("--make-rprivate", "/");
  await mount("--make-rshared", "/");
  for (const [name, path] of [
    ["etc", "/etc"],
    ["lib", "/var/lib"],
  ]) {
    const [upper, work] = [join(folder, name, "upper"), join(folder, name, "work")];
    await mkdir(upper, { recursive: true });
    await mkdir(work, { recursive: true });
    await mount("-t", "overlay", "overlay", "-o", `lowerdir=${path},upperdir=${upper},workdir=${work}`, path);
  }
  for (const path of ["/run", "/var/log"]) await mount("-t", "tmpfs", "tmpfs", path);
  await mkdir(join(folder, "tunables"), { recursive: true });
  for (const [name, value] of Object.entries(TUNABLES)) {
    const file = join(folder, "tunables", name.replaceAll("/", "."));
    await writeFile(file, `${value}\n`);
    await mount("--bind", file, join("/proc/sys", name));
  }
  for (const args of [
    "link set lo up",
    "link add name cni0 type bridge",
    `addr add ${ADDRESS}/24 dev cni0`,
    "link set cni0 up",
    "route add default dev cni0",
  ])
    await capture("ip", args.split(" "));
  writeFileSync("/proc/sys/net/ipv4/ip_forward", "1\n");
}

/** Starts a server whose output goes to a file of the folder. */
export function startLogged(folder, program, args, options = {}) {
  const name = program
    .split("/")
    .at(-1)
    .replace(/-v\d.*/, "");
  const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  const log = createWriteStream(join(folder, `${name}.log`));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  child.once("error", (error) => log.write(`${error.message}\n`));
  child.once("close", (code, signal) => log.write(`ended with ${code ?? signal}\n`));
  return child;
}

/** Starts containerd with the images of `archives`. */
export async function startContainerd(folder, archives) {
  const config = join(folder, "containerd.toml");
  await writeFile(config, containerdConfig(folder));
  await mkdir("/etc/cni/net.d", { recursive: true });
  await writeFile("/etc/cni/net.d/10-bridge.conflist", JSON.stringify(NETWORK));
  startLogged(folder, "containerd", ["-c", config]);
  await until("containerd answers", () => capture("ctr", ["version"]).then(() => true));
  for (const archive of archives) await capture("ctr", ["-n", "k8s.io", "images", "import", archive]);
}

const NETWORK = {
  cniVersion: "0.4.0",
  name: "pods",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      hairpinMode: true,
      ipam: { type: "host-local", ranges: [[{ subnet: SUBNET }]], routes: [{ dst: "0.0.0.0/0" }] },
    },
  ],
};

/** Lowering the score of the out-of-memory killer needs a capability that root may lack here. */
const containerdConfig = (folder) => `version = 2
root = "${join(folder, "containerd")}"
state = "/run/containerd"
[grpc]
  address = "${SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "${PAUSE}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
`;

/** Starts API server, controllers, scheduler and kubelet; resolves with the API when the node is ready. */
export async function startKubernetes(folder, programs, cgroup) {
  const api = await startApiServer(programs["kube-apiserver"], folder, {
    "advertise-address": ADDRESS,
    "enable-aggregator-routing": true,
    "kubelet-preferred-address-types": "InternalIP",
  });
  const kubeconfig = join(folder, "kubeconfig");
  await writeFile(kubeconfig, JSON.stringify(kubeconfigFor(api.port, join(folder, "certs", "apiserver.crt"))));
  const common = { kubeconfig, "leader-elect": false, "bind-address": "127.0.0.1" };
  startLogged(folder, programs["kube-controller-manager"], [
    ...flags({ ...common, "cert-dir": join(folder, "controller-manager") }),
    ...flags({ "service-account-private-key-file": join(folder, "sa.key") }),
    ...flags({ "root-ca-file": join(folder, "certs", "apiserver.crt"), "horizontal-pod-autoscaler-sync-period": "5s" }),
  ]);
  startLogged(folder, programs["kube-scheduler"], flags({ ...common, "cert-dir": join(folder, "scheduler") }));
  const config = join(folder, "kubelet.yaml");
  await writeFile(config, stringify(kubeletConfig(cgroup)));
  startLogged(folder, programs.kubelet, [
    ...flags({ config, kubeconfig, "root-dir": join(folder, "kubelet"), "cert-dir": join(folder, "kubelet", "pki") }),
    ...flags({ "hostname-override": "node", "node-ip": ADDRESS }),
  ]);
  await until("the node is ready", async () => {
    const { body } = await send(api, "GET", "/api/v1/nodes/node");
    return body.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  });
  return api;
}

const kubeconfigFor = (port, authority) => ({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "c", cluster: { server: `https://127.0.0.1:${port}`, "certificate-authority": authority } }],
  users: [{ name: "u", user: { token: TOKEN } }],
  contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
  "current-context": "c",
});

const kubeletConfig = (cgroup) => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  address: ADDRESS,
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: "AlwaysAllow" },
  containerRuntimeEndpoint: `unix://${SOCKET}`,
  cgroupDriver: "cgroupfs",
  cgroupRoot: `/${cgroup}`,
  failCgroupV1: false,
  failSwapOn: false,
  oomScoreAdj: 0,
  resolvConf: "",
  clusterDNS: [ADDRESS],
  enforceNodeAllocatable: ["pods"],
  evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
  imageGCHighThresholdPercent: 100,
});
