import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CliConfig, projectRoot, temporalBinary } from "../cli/config.ts";
import { freePort } from "../cli/ports.ts";
import { connectClient } from "../cli/temporal.ts";

/** A Temporal server of its own, with a database file, and worker processes, as `winnow up` and the pools start them. */
export interface Deployment {
  address: string;
  /** Prometheus metrics of each query worker. */
  metrics: string[];
  /** Resident memory in MB of the server and of each pool with its compute processes. */
  memory(): Record<string, number>;
  stop(): Promise<void>;
}

/** Starts a server, one cpu worker (which runs the workflows) and `queryWorkers` query workers on the state in `config.home`. */
export async function deploy(config: CliConfig, queryWorkers: number): Promise<Deployment> {
  const binary = temporalBinary(config);
  if (!binary) throw new Error("there is no `temporal` here: `npm start` sets it up");
  const folder = mkdtempSync(join(tmpdir(), "winnow-bench-"));
  const address = `127.0.0.1:${await freePort(17233)}`;
  const children = new Map<string, ChildProcess>();
  const stop = async () => {
    const [server, ...workers] = [...children.values()];
    await Promise.all(workers.map((child) => end(child)));
    if (server) await end(server);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const flags = ["--headless", "--ip", "127.0.0.1", "--port", address.split(":")[1]!, "--log-level", "never"];
    const database = ["--db-filename", join(folder, "temporal.db")];
    children.set("server", spawn(binary, ["server", "start-dev", ...flags, ...database], { stdio: "ignore" }));
    const client = await connectClient(address, config.namespace, 60);
    await client.connection.close();
    const metrics: string[] = [];
    const start = async (name: string, pool: string) => {
      const port = await freePort(19464);
      children.set(name, await startPool(pool, { ...workerEnv(config, address), WINNOW_METRICS_PORT: `${port}` }));
      return `http://127.0.0.1:${port}/metrics`;
    };
    await start("cpu worker", "cpu");
    for (let at = 1; at <= queryWorkers; at++) metrics.push(await start(`query worker ${at}`, "query"));
    const memory = () =>
      Object.fromEntries([...children].map(([name, child]) => [name, residentMegabytes(child.pid!)]));
    return { address, metrics, memory, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Without an LLM: what a language model takes would hide all the rest. */
function workerEnv(config: CliConfig, address: string): NodeJS.ProcessEnv {
  const { WINNOW_LLM_BASE_URL, WINNOW_LLM_MODEL, WINNOW_LLM_API_KEY, ...env } = config.env;
  return {
    ...env,
    WINNOW_HOME: config.home,
    WINNOW_LOG_LEVEL: "error",
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: config.namespace,
  };
}

function startPool(pool: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = fork(join(projectRoot, "workers", `${pool}.ts`), [], {
    execArgv: ["--import", import.meta.resolve("tsx")],
    env,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return new Promise((settle, fail) => {
    child.once("message", () => settle(child));
    child.once("exit", (code) => fail(new Error(`the ${pool} worker ended at start (exit ${code})`)));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((settle) => child.once("exit", settle));
  child.kill("SIGTERM");
  await gone;
}

/** Of a process and all it started. */
function residentMegabytes(root: number): number {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid=,rss="], { encoding: "utf8", maxBuffer: 1 << 24 }).split("\n");
  const processes = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number]);
  const inside = new Set([root]);
  for (let grown = true; grown; ) {
    const before = inside.size;
    for (const [pid, parent] of processes) if (inside.has(parent)) inside.add(pid);
    grown = inside.size > before;
  }
  return processes.reduce((sum, [pid, , kilobytes]) => sum + (inside.has(pid) ? kilobytes / 1024 : 0), 0);
}
