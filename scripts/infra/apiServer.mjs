import { generateKeyPairSync } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run, tail } from "../setup/run.mjs";
import { flags, freePort, start, until } from "./processes.mjs";

/** The token of the one user, who may do all. */
export const TOKEN = "dry-run";
const STARTS_WITHIN_MS = 120_000;
const CREATED = 201;
const CONFLICT = 409;

/** Without controllers nothing creates the default account of a namespace, and this admission would wait for it. */
const DRY_RUN = { "disable-admission-plugins": "ServiceAccount" };

/**
 * Starts etcd (from PATH) and the API server on loopback, with their files in `folder` and the API server's `options`
 * beside the usual ones. Throws if either does not start.
 */
export async function startApiServer(binary, folder, options = DRY_RUN) {
  if ((await run("etcd", ["--version"])).code !== 0) throw new Error("there is no etcd on PATH (Debian: etcd-server)");
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()];
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const file = (name) => join(folder, name);
  await writeFile(file("sa.key"), keys.privateKey.export({ type: "pkcs1", format: "pem" }));
  await writeFile(file("sa.pub"), keys.publicKey.export({ type: "spki", format: "pem" }));
  await writeFile(file("tokens.csv"), `${TOKEN},admin,admin,system:masters\n`);
  const [etcd, etcdPeer] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
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
    ...flags(options),
  ]);
  const stop = async () => {
    for (const child of [server, store]) await child.end();
  };
  const ca = () => readFile(file("certs/apiserver.crt")).catch(() => null);
  for (const deadline = Date.now() + STARTS_WITHIN_MS; ; await delay(500)) {
    const certificate = await ca();
    const ready = certificate && (await send({ port, ca: certificate }, "GET", "/readyz").catch(() => null));
    if (ready?.status === 200) return { port, ca: certificate, stop };
    if (Date.now() < deadline && !server.ended() && !store.ended()) continue;
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
export async function pathOf(api, { apiVersion, kind, metadata }) {
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const find = async () => {
    const { status, body } = await send(api, "GET", group);
    return status === 200 && body.resources.find((item) => item.kind === kind && !item.name.includes("/"));
  };
  const { namespaced, name } = await until(`the server knows a ${kind} of ${apiVersion}`, find, 30);
  return `${group}/${namespaced ? `namespaces/${metadata.namespace ?? "default"}/` : ""}${name}`;
}

/** A request with all rights. Returns {status, body}; a text that is no JSON becomes the body's `message`. */
export function send({ port, ca }, method, path, object, type = "application/json") {
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": type };
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
