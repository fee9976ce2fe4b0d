import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../ports.ts";

export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "tests",
  AWS_SECRET_ACCESS_KEY: "tests-secret",
  AWS_REGION: "us-east-1",
};

const SET_UP = fileURLToPath(new URL("../../scripts/setup/versitygw.mjs", import.meta.url));

/** Whether the server is available: cached, or built with Go. Otherwise tests that need it are skipped visibly. */
export function canServeS3(): boolean {
  return spawnSync(process.execPath, [SET_UP, "--ask"]).status === 0;
}

/** A real S3 server (versitygw over a folder) with one bucket, `winnow`. */
export interface S3Server {
  endpoint: string;
  /** The bucket's folder on disk. */
  folder: string;
  /** Kills the server like a crash. Its data stays on disk. */
  kill(): Promise<void>;
  /** Starts it again at the same address. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startS3(): Promise<S3Server> {
  const binary = execFileSync(process.execPath, [SET_UP], { encoding: "utf8" }).trim();
  const data = mkdtempSync(join(tmpdir(), "winnow-s3-"));
  mkdirSync(join(data, "winnow"));
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    ROOT_ACCESS_KEY: CREDENTIALS.AWS_ACCESS_KEY_ID,
    ROOT_SECRET_KEY: CREDENTIALS.AWS_SECRET_ACCESS_KEY,
  };
  const endpoint = `http://127.0.0.1:${port}`;
  let child: ChildProcess;
  const restart = async () => {
    child = spawn(binary, ["--port", `127.0.0.1:${port}`, "posix", data], { env, stdio: "ignore" });
    await answers(endpoint, child);
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((settle) => child.once("exit", settle));
    child.kill("SIGKILL");
    await gone;
  };
  await restart();
  return {
    endpoint,
    folder: join(data, "winnow"),
    kill,
    restart,
    async stop() {
      await kill();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function answers(endpoint: string, child: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; ) {
    if (child.exitCode !== null) throw new Error(`versitygw ended at start (${child.exitCode})`);
    // The server is up when it refuses a request without credentials.
    if (await fetch(endpoint).catch(() => null)) return;
    if (Date.now() > deadline) throw new Error("versitygw does not answer");
    await new Promise((settle) => setTimeout(settle, 100));
  }
}

/** Action of the proxy on one request: `pass` it on, or answer in the server's place. */
export type Fault = "pass" | "503" | "409" | "truncate" | "corrupt" | "reset" | "lose" | Silence | { redirect: string };
/** A silent open connection: from the start, or after half of the body. */
type Silence = "hang" | "stall";

/** A proxy in front of the server that breaks the requests chosen by a test. */
export async function startProxy(target: string, choose: (request: IncomingMessage) => Fault) {
  const seen: string[] = [];
  const { hostname, port } = new URL(target);
  const proxy: Server = createServer((incoming, outgoing) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const fault = choose(incoming);
    if (fault === "503" || fault === "409")
      return void incoming.resume().on("end", () => outgoing.writeHead(Number(fault)).end());
    if (fault === "hang") return void incoming.resume();
    if (fault === "reset") return void incoming.socket.destroy();
    if (typeof fault === "object") return void outgoing.writeHead(307, { location: fault.redirect }).end();
    // The host is part of the signature, so it stays unchanged.
    const { method, url: path, headers } = incoming;
    const forward = request({ hostname, port, method, path, headers }, (answer) => relay(answer, outgoing, fault));
    forward.on("error", () => outgoing.destroy());
    incoming.pipe(forward);
  });
  await new Promise<void>((settle) => proxy.listen(0, "127.0.0.1", settle));
  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    seen,
    stop: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

function relay(answer: IncomingMessage, outgoing: ServerResponse, fault: Fault): void {
  // The request is carried out, but its answer is lost.
  if (fault === "lose") return void answer.resume().on("end", () => outgoing.destroy());
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
  if (fault === "pass") return void answer.pipe(outgoing);
  const chunks: Buffer[] = [];
  answer.on("data", (chunk) => chunks.push(chunk));
  answer.on("end", () => {
    const body = Buffer.concat(chunks);
    if (fault === "corrupt") return void outgoing.end(Buffer.from(body.map((byte) => byte ^ 1)));
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => {
      if (fault === "truncate") outgoing.destroy();
    });
  });
}
