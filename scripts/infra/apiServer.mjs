import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { placeFile } from "../setup/files.mjs";
import { cache } from "../setup/paths.mjs";
import { run, tail } from "../setup/run.mjs";
import { moduleFolder } from "./schemas.mjs";

const TOKEN = "dry-run";
const STARTS_WITHIN_MS = 120_000;
const CREATED = 201;
const CONFLICT = 409;

/**
 * Returns the API server of Kubernetes `version`: cached, or built with Go (about 15 minutes on 2 cores). Throws if it
 * cannot be built. Its module replaces parts of itself by folders of its own repository; here they become the published
 * modules.
 */
export async function kubeApiServer(version) {
  const target = join(cache, "bin", `kube-apiserver-${version}`);
  if (existsSync(target)) return target;
  const source = await readFile(join(await moduleFolder(`k8s.io/kubernetes@${version}`), "go.mod"), "utf8");
  const parts = [...source.matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging/gm)].map(([, module]) => module);
  const [, go] = /^go (\S+)/m.exec(source);
  const replaced = parts.map((module) => `\t${module} => ${module} ${version.replace(/^v1/, "v0")}`);
  const main = "k8s.io/kubernetes/cmd/kube-apiserver";
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, ".go-"));
  try {
    await writeFile(
      join(folder, "go.mod"),
      `module apiserver\n\ngo ${go}\n\nrequire k8s.io/kubernetes ${version}\n\nreplace (\n${replaced.join("\n")}\n)\n`,
    );
    await writeFile(join(folder, "tools.go"), `//go:build tools\n\npackage tools\n\nimport _ "${main}"\n`);
    const env = { ...process.env, GOFLAGS: "-mod=mod", CGO_ENABLED: "0" };
    const named = `-s -w -X k8s.io/component-base/version.gitVersion=${version}`;
    const { code, output } = await run("go", ["build", "-ldflags", named, "-o", "built", main], { cwd: folder, env });
    if (code !== 0) throw new Error(`${main} cannot be built: ${code === 127 ? "there is no Go" : tail(output, 2)}`);
    await placeFile(join(folder, "built"), target, 0o755);
    return target;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Starts etcd (from PATH) and the API server on loopback, with their files in `folder`. Throws if either does not
 * start.
 */
export async function startApiServer(binary, folder) {
  if ((await run("etcd", ["--version"])).code !== 0) throw new Error("there is no etcd on PATH (Debian: etcd-server)");
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const file = (name) => join(folder, name);
  await writeFile(file("sa.key"), keys.privateKey.export({ type: "pkcs1", format: "pem" }));
  await writeFile(file("sa.pub"), keys.publicKey.export({ type: "spki", format: "pem" }));
  await writeFile(file("tokens.csv"), `${TOKEN},admin,admin,system:masters\n`);
  const [etcd, etcdPeer] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
  const flags = (options) => Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const store = start("etcd", [
    ...flags({ "data-dir": file("etcd"), "listen-client-urls": etcd, "advertise-client-urls": etcd }),
    ...flags({ "listen-peer-urls": etcdPeer, "initial-advertise-peer-urls": etcdPeer }),
    `--initial-cluster=default=${etcdPeer}`,
  ]);
  const server = start(binary, [
    ...flags({ "etcd-servers": etcd, "cert-dir": file("certs"), "bind-address": "127.0.0.1", "secure-port": port }),
    ...flags({ "service-account-issuer": "https://localhost", "service-account-key-file": file("sa.pub") }),
    ...flags({ "service-account-signing-key-file": file("sa.key"), "token-auth-file": file("tokens.csv") }),
    ...flags({ "authorization-mode": "AlwaysAllow", "service-cluster-ip-range": "10.0.0.0/24" }),
    // Debian's etcd is too old to report that a watch cache is up to date. Nothing here needs the cache.
    "--watch-cache=false",
    // This admission waits for a controller to create the default account of a namespace, and there is none here.
    ...flags({ "disable-admission-plugins": "ServiceAccount" }),
  ]);
  const stop = async () => {
    for (const child of [server, store]) await child.end();
  };
  const ca = () => readFile(file("certs/apiserver.crt")).catch(() => null);
  for (const until = Date.now() + STARTS_WITHIN_MS; ; await delay(500)) {
    const certificate = await ca();
    const ready = certificate && (await send({ port, ca: certificate }, "GET", "/readyz").catch(() => null));
    if (ready?.status === 200) return { port, ca: certificate, stop };
    if (Date.now() < until && !server.ended() && !store.ended()) continue;
    const said = tail(`${store.output()}\n${server.output()}`, 5);
    await stop();
    throw new Error(`the API server did not start: ${said}`);
  }
}

/**
 * Creates objects permanently, such as the definitions and the namespace that others need. Throws the server's message.
 */
export async function create(api, objects) {
  for (const object of objects) {
    const { status, body } = await send(api, "POST", await pathOf(api, object), object);
    if (status !== CREATED && status !== CONFLICT) throw new Error(`${nameOf(object)}: ${body.message}`);
  }
}

/**
 * Lets the server validate and admit objects without keeping them; unknown fields are refused. Returns refusals with
 * reasons.
 */
export async function dryRun(api, objects) {
  const refused = [];
  for (const object of objects) {
    try {
      const path = `${await pathOf(api, object)}?dryRun=All&fieldValidation=Strict`;
      const { status, body } = await send(api, "POST", path, object);
      if (status !== CREATED && status !== CONFLICT) refused.push(`${nameOf(object)}: ${body.message}`);
    } catch (error) {
      refused.push(`${nameOf(object)}: ${error.message}`);
    }
  }
  return refused;
}

function nameOf({ kind, metadata }) {
  return `${kind} ${metadata.name}`;
}

/** Path for creating objects of a kind. A new definition is served after a moment. */
async function pathOf(api, { apiVersion, kind, metadata }) {
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  for (let tries = 0; tries < 60; tries++, await delay(500)) {
    const { status, body } = await send(api, "GET", group);
    const found = status === 200 && body.resources.find((item) => item.kind === kind && !item.name.includes("/"));
    if (found)
      return `${group}/${found.namespaced ? `namespaces/${metadata.namespace ?? "default"}/` : ""}${found.name}`;
  }
  throw new Error(`the server knows no ${kind} of ${apiVersion}`);
}

function send({ port, ca }, method, path, object) {
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  return new Promise((settle, fail) => {
    const asked = request({ host: "127.0.0.1", port, ca, method, path, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      answer.once("end", () => settle({ status: answer.statusCode, body: parsed(text) }));
    });
    asked.once("error", fail);
    asked.end(object && JSON.stringify(object));
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}

function start(program, args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (text) => {
    output = (output + text).slice(-20_000);
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  let ended = false;
  const gone = new Promise((settle) => {
    const end = () => {
      ended = true;
      settle();
    };
    child.once("close", end);
    child.once("error", end);
  });
  const end = () => {
    child.kill("SIGKILL");
    return gone;
  };
  return { output: () => output, ended: () => ended, end };
}

function freePort() {
  return new Promise((settle) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => settle(port));
    });
  });
}
