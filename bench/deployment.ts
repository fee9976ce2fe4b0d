import { type ChildProcess, execFileSync, fork, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../client/ports.ts";
import { connectClient } from "../client/temporal.ts";
import { type CliConfig, temporalBinary } from "../config/cliConfig.ts";
import { projectRoot } from "../config/read.ts";
import { plainAccess } from "../config/temporalAccess.ts";

/**
 * A separate Temporal server with a database file, and worker processes, started as `winnow up` and the pools start
 * them.
 */
export interface Deployment {
  address: string;
  /** Prometheus metrics of each query worker. */
  metrics: string[];
  /** Usage of the server and of each pool with its compute processes. */
  usage(): Record<string, Usage>;
  stop(): Promise<void>;
}

export interface Usage {
  /** Resident memory. */
  megabytes: number;
  /** Processor time since the start. Unlike wall time, it hardly depends on the machine's other load. */
  cpuSeconds: number;
}

/**
 * Starts a server, one cpu worker (for the workflows) and `queryWorkers` query workers on the state in `config.home`.
 *
 * @param own settings of the workers; by default they have no LLM, whose time would hide the rest
 */
export async function deploy(
  config: CliConfig,
  queryWorkers: number,
  own: NodeJS.ProcessEnv = {},
): Promise<Deployment> {
  const binary = temporalBinary(config);
  if (!binary) throw new Error("`temporal` is not installed: `npm start` installs it");
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
    const client = await connectClient(address, config, 60);
    await client.connection.close();
    const metrics: string[] = [];
    const start = async (name: string, pool: string) => {
      const port = await freePort(19464);
      children.set(
        name,
        await startPool(pool, { ...partEnv(config, address), ...own, WINNOW_METRICS_PORT: `${port}` }),
      );
      return `http://127.0.0.1:${port}/metrics`;
    };
    await start("cpu worker", "cpu");
    for (let at = 1; at <= queryWorkers; at++) metrics.push(await start(`query worker ${at}`, "query"));
    const usage = () => Object.fromEntries([...children].map(([name, child]) => [name, usageOf(child.pid!)]));
    return { address, metrics, usage, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Environment of a part of a deployment, without the LLM of this process. */
export function partEnv(config: CliConfig, address: string): NodeJS.ProcessEnv {
  const { WINNOW_LLM_BASE_URL, WINNOW_LLM_MODEL, WINNOW_LLM_API_KEY, ...env } = config.env;
  return {
    ...plainAccess(env, address, config.namespace),
    WINNOW_HOME: config.home,
    WINNOW_LOG_LEVEL: "error",
  };
}

/** Starts `workers/POOL.ts` and waits until it polls. Throws if it ends before. */
export function startPool(pool: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
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

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((settle) => child.once("exit", settle));
  child.kill("SIGTERM");
  await gone;
}

/** Usage of a process and its descendants now. Seconds are whole numbers without /proc. */
export function usageOf(root: number): Usage {
  const lines = execFileSync("ps", ["-eo", "pid=,ppid=,rss=,time="], { encoding: "utf8", maxBuffer: 1 << 24 }).split(
    "\n",
  );
  const processes = lines.map((line) => line.trim().split(/\s+/));
  const inside = new Set([`${root}`]);
  for (let grown = true; grown; ) {
    const before = inside.size;
    for (const [pid, parent] of processes) if (inside.has(parent!)) inside.add(pid!);
    grown = inside.size > before;
  }
  const usage = { megabytes: 0, cpuSeconds: 0 };
  for (const [pid, , kilobytes, time] of processes) {
    if (!inside.has(pid!)) continue;
    usage.megabytes += Number(kilobytes) / 1024;
    usage.cpuSeconds += procSeconds(pid!) ?? clockSeconds(time!);
  }
  return usage;
}

/** User and system time from /proc, in ticks of 10 ms; null without /proc. */
function procSeconds(pid: string): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return null;
  }
}

/** Parses `[[days-]hours:]minutes:seconds`. */
function clockSeconds(time: string): number {
  const [days, clock] = time.includes("-") ? time.split("-") : ["0", time];
  return clock!.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}
