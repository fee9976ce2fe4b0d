import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { SEARCH_ATTRIBUTES } from "../contracts/names.ts";
import { WinnowError } from "../core/base/errors.ts";
import { type CliConfig, temporalBinary } from "./config.ts";
import { freePort } from "./ports.ts";
import { answers, connectClient } from "./temporal.ts";
import { end, keepWorkers } from "./workers.ts";

/** Where the running stack can be reached; written to `run/stack.json` for the other commands. */
export interface StackInfo {
  address: string;
  uiUrl: string | null;
  serverPid: number | null;
  /** 0 while the workers are being started. */
  workerPid: number;
  /** The command that started it. */
  ownerPid: number;
}

export interface Stack {
  info: StackInfo;
  /** True when this process started the workers and will stop them. */
  owned: boolean;
  stop(): Promise<void>;
}

type Log = (line: string) => void;

const START_MS = 60_000;

function stackFile(config: CliConfig): string {
  return join(config.home, "run", "stack.json");
}

function isAlive(pid: number | null): boolean {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function readStack(config: CliConfig): StackInfo | null {
  try {
    return JSON.parse(readFileSync(stackFile(config), "utf8"));
  } catch {
    return null;
  }
}

/** The stack of another command, awaited where it is just being started, or null. A stale file is no stack. */
export async function findStack(config: CliConfig): Promise<StackInfo | null> {
  let info = readStack(config);
  for (let waited = 0; info?.workerPid === 0 && isAlive(info.ownerPid) && waited < START_MS; waited += 200) {
    await delay(200);
    info = readStack(config);
  }
  if (!info || !isAlive(info.workerPid)) return null;
  return (await answers(info.address, config)) ? info : null;
}

/** The running stack, or one started for as long as this command lives. */
export async function useStack(config: CliConfig, log: Log): Promise<Stack> {
  if (config.temporalAddress) {
    const client = await connectClient(config.temporalAddress, config);
    await client.connection.close();
    const info = { address: config.temporalAddress, uiUrl: null, serverPid: null, workerPid: 0, ownerPid: 0 };
    return { info, owned: false, stop: async () => {} };
  }
  const running = await findStack(config);
  if (running) return { info: running, owned: false, stop: async () => {} };
  return startStack(config, log);
}

/** Starts the Temporal dev server (unless one was named) and all workers, and waits until they are ready. */
export async function startStack(config: CliConfig, log: Log): Promise<Stack> {
  mkdirSync(join(config.home, "run"), { recursive: true });
  await retireOrphan(config);
  const server = config.temporalAddress ? null : await startServer(config, log);
  const address = config.temporalAddress ?? server!.address;
  const uiUrl = server?.uiUrl ?? null;
  const serverPid = server?.child.pid ?? null;
  const info: StackInfo = { address, uiUrl, serverPid, workerPid: 0, ownerPid: process.pid };
  const tell = (workerPid: number) => {
    info.workerPid = workerPid;
    // Whole or not at all: who reads half of it would take it for no stack and start a second one.
    writeFileSync(`${stackFile(config)}.new`, JSON.stringify(info));
    renameSync(`${stackFile(config)}.new`, stackFile(config));
  };
  tell(0);
  const stopWorkers = await keepWorkers(config, address, { log, onPid: tell }).catch(async (error) => {
    if (server) await end(server.child, 5000);
    rmSync(stackFile(config), { force: true });
    throw error;
  });
  return {
    info,
    owned: true,
    async stop() {
      await stopWorkers();
      if (server) await end(server.child, 10_000);
      rmSync(stackFile(config), { force: true });
    },
  };
}

/** Ends the server of a stack whose command was killed: two servers on one database file would damage it. */
async function retireOrphan(config: CliConfig): Promise<void> {
  const info = readStack(config);
  if (!info?.serverPid || !isAlive(info.serverPid)) return;
  const { serverPid } = info;
  const args = spawnSync("ps", ["-o", "args=", "-p", `${serverPid}`], { encoding: "utf8" }).stdout ?? "";
  if (!args.includes(join(config.home, "run", "temporal.db"))) return;
  process.kill(serverPid, "SIGTERM");
  for (let waited = 0; waited < 10_000 && isAlive(serverPid); waited += 100) await delay(100);
  if (isAlive(serverPid)) process.kill(serverPid, "SIGKILL");
}

async function startServer(config: CliConfig, log: Log) {
  const binary = temporalBinary(config);
  if (!binary)
    throw new WinnowError(
      "TemporalUnreachable",
      "There is no Temporal server here. Run `npm start` once to set one up, put the `temporal` CLI on PATH, or set TEMPORAL_ADDRESS to a running server.",
    );
  const port = await freePort(7233);
  const uiPort = await freePort(8233);
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    "--search-attribute",
    `${name}=${type}`,
  ]);
  const output = openSync(join(config.home, "run", "temporal.log"), "a");
  const database = join(config.home, "run", "temporal.db");
  const child = spawn(
    binary,
    [
      "server",
      "start-dev",
      "--ip",
      "127.0.0.1",
      "--port",
      `${port}`,
      "--ui-port",
      `${uiPort}`,
      "--db-filename",
      database,
    ].concat(["--namespace", config.namespace, "--log-level", "warn"], attributes),
    // Its own process group: Ctrl-C on the terminal must not reach the server before the workers have drained.
    { stdio: ["ignore", output, output], detached: true },
  );
  const address = `127.0.0.1:${port}`;
  await ready(child, address, config);
  const uiUrl = `http://127.0.0.1:${uiPort}`;
  log(`Temporal server at ${address}, Web UI at ${uiUrl}`);
  return { child, address, uiUrl };
}

async function ready(child: ChildProcess, address: string, config: CliConfig): Promise<void> {
  const died = new Promise<never>((_, fail) => {
    child.once("error", fail);
    child.once("exit", (code) =>
      fail(
        new WinnowError(
          "TemporalUnreachable",
          `The Temporal server stopped at start (exit ${code}). Its log: ${join(config.home, "run", "temporal.log")}`,
        ),
      ),
    );
  });
  died.catch(() => {});
  const client = await Promise.race([connectClient(address, config, 60), died]);
  await client.connection.close();
}
