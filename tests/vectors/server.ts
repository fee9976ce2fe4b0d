import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { VectorServer } from "../../core/base/compute.ts";
import { freePort } from "../ports.ts";

const SET_UP = fileURLToPath(new URL("../../scripts/setup/weaviate.mjs", import.meta.url));

/** A real Weaviate with one node and its own folder. */
export interface WeaviateProcess {
  server: VectorServer;
  /** Its data and log. */
  folder: string;
  pid(): number;
  /** Kills it like a power cut. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port. */
  restart(): Promise<void>;
  /** Suspends the process, which then accepts connections but does not answer, until `resume`. */
  pause(): void;
  resume(): void;
  /** Kills it, empties its folder and starts it again. */
  wipe(): Promise<void>;
  /** Kills it and removes its folder. */
  stop(): Promise<void>;
}

/** @param apiKey the only accepted key; by default, no key is needed. @param more further variables of the server. */
export async function startWeaviate(
  apiKey: string | null = null,
  more: Record<string, string> = {},
): Promise<WeaviateProcess> {
  const binary = execFileSync(process.execPath, [SET_UP], { encoding: "utf8" }).trim();
  const folder = mkdtempSync(join(tmpdir(), "winnow-weaviate-"));
  const names = [
    "",
    "GRPC_PORT",
    "CLUSTER_GOSSIP_BIND_PORT",
    "CLUSTER_DATA_BIND_PORT",
    "RAFT_PORT",
    "RAFT_INTERNAL_RPC_PORT",
  ];
  const ports = await Promise.all(names.map(freePort));
  const [port, ...others] = ports;
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    PERSISTENCE_DATA_PATH: join(folder, "data"),
    CLUSTER_HOSTNAME: "node1",
    CLUSTER_ADVERTISE_ADDR: "127.0.0.1",
    RAFT_BOOTSTRAP_EXPECT: "1",
    DISABLE_TELEMETRY: "true",
    GO_PROFILING_DISABLE: "true",
    LOG_LEVEL: "warning",
    ...more,
    ...Object.fromEntries(others.map((value, at) => [names[at + 1], `${value}`])),
    ...(apiKey
      ? {
          AUTHENTICATION_APIKEY_ENABLED: "true",
          AUTHENTICATION_APIKEY_ALLOWED_KEYS: apiKey,
          AUTHENTICATION_APIKEY_USERS: "tests",
          AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED: "false",
        }
      : { AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED: "true" }),
  };
  const url = `http://127.0.0.1:${port}`;
  const log = join(folder, "log");
  let child: ChildProcess;
  const start = async () => {
    const output = openSync(log, "a");
    const args = ["--host", "127.0.0.1", "--port", `${port}`, "--scheme", "http"];
    child = spawn(binary, args, { cwd: folder, env, stdio: ["ignore", output, output] });
    closeSync(output);
    await ready(url, child, log);
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((settle) => child.once("exit", settle));
    child.kill("SIGKILL");
    await gone;
  };
  await start();
  return {
    server: { kind: "weaviate", url, prefix: "Winnow", replicas: 1, apiKey },
    folder,
    pid: () => child.pid!,
    kill,
    restart: start,
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    async wipe() {
      await kill();
      rmSync(join(folder, "data"), { recursive: true, force: true });
      await start();
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ready(url: string, child: ChildProcess, log: string): Promise<void> {
  for (const deadline = Date.now() + 120_000; ; ) {
    if (child.exitCode !== null) throw new Error(`Weaviate ended at start (${child.exitCode}): ${tailOf(log)}`);
    const answer = await fetch(`${url}/v1/.well-known/ready`).catch(() => null);
    if (answer?.ok) return;
    if (Date.now() > deadline) throw new Error(`Weaviate does not become ready: ${tailOf(log)}`);
    await new Promise((settle) => setTimeout(settle, 200));
  }
}

function tailOf(log: string): string {
  return readFileSync(log, "utf8").slice(-2000);
}
