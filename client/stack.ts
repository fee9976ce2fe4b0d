import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@temporalio/client";
import { type DevServer, endOrphan, startDevServer } from "./devServer.ts";
import { end, isAlive } from "./processes.ts";
import type { StackSettings } from "./settings.ts";
import type { OnStackEvent } from "./stackEvents.ts";
import { answers, connectClient } from "./temporal.ts";
import { keepWorkers } from "./workers.ts";

/** Addresses and processes of the running stack. Written to `run/stack.json` for other processes. */
export interface StackInfo {
  address: string;
  uiUrl: string | null;
  serverPid: number | null;
  /** 0 while the workers are being started. */
  workerPid: number;
  /** The process that started it. */
  ownerPid: number;
}

/** A Temporal server with all workers. */
export interface Stack {
  info: StackInfo;
  /** True when this process started the workers and will stop them. */
  owned: boolean;
  stop(): Promise<void>;
}

const START_MS = 60_000;

function stackFile({ home }: Pick<StackSettings, "home">): string {
  return join(home, "run", "stack.json");
}

function readStack(config: StackSettings): StackInfo | null {
  try {
    return JSON.parse(readFileSync(stackFile(config), "utf8"));
  } catch {
    return null;
  }
}

/** The stack that another process runs on this home, or null. Waits for one that is starting. */
export async function findStack(config: StackSettings): Promise<StackInfo | null> {
  let info = readStack(config);
  for (let waited = 0; info?.workerPid === 0 && isAlive(info.ownerPid) && waited < START_MS; waited += 200) {
    await delay(200);
    info = readStack(config);
  }
  if (!info || !isAlive(info.workerPid)) return null;
  return (await answers(info.address, config)) ? info : null;
}

/** Address of the configured server, otherwise of the stack on this home, otherwise null. */
export async function serverAddress(config: StackSettings): Promise<string | null> {
  return config.temporalAddress ?? (await findStack(config))?.address ?? null;
}

/**
 * Runs `work` with a client of the configured server, of the running stack, or of one that is started for as long as
 * `work` takes. Throws TemporalUnreachable, ComputeCrashed when the workers end at start, and what `work` throws.
 *
 * @example
 * const result = await withStack(config, (client) => ask(client, "what is a pod?"));
 */
export async function withStack<T>(
  config: StackSettings,
  work: (client: Client) => Promise<T>,
  onEvent: OnStackEvent = () => {},
): Promise<T> {
  const stack = config.temporalAddress ? remoteStack(config.temporalAddress) : await joinStack(config, onEvent);
  try {
    const client = await connectClient(stack.info.address, config);
    try {
      return await work(client);
    } finally {
      await client.connection.close();
    }
  } finally {
    await stack.stop();
  }
}

/** The operator's server; its workers run elsewhere. */
function remoteStack(address: string): Stack {
  return joined({ address, uiUrl: null, serverPid: null, workerPid: 0, ownerPid: 0 });
}

/** The stack on this home; if there is none, one that this process starts and must stop. */
export async function joinStack(config: StackSettings, onEvent: OnStackEvent = () => {}): Promise<Stack> {
  const running = await findStack(config);
  return running ? joined(running) : startStack(config, onEvent);
}

function joined(info: StackInfo): Stack {
  return { info, owned: false, stop: async () => {} };
}

/** Starts all workers, and the Temporal dev server unless a server is configured. Waits until they are ready. */
async function startStack(config: StackSettings, onEvent: OnStackEvent): Promise<Stack> {
  mkdirSync(join(config.home, "run"), { recursive: true });
  const orphan = readStack(config)?.serverPid;
  if (orphan && isAlive(orphan)) await endOrphan(config, orphan);
  const server = config.temporalAddress ? null : await startDevServer(config);
  if (server) onEvent({ kind: "server started", address: server.address, uiUrl: server.uiUrl });
  const info = infoOf(config, server);
  const write = (workerPid: number) => {
    info.workerPid = workerPid;
    // Atomic by rename: a reader of a partial file would see no stack and start a second one.
    writeFileSync(`${stackFile(config)}.new`, JSON.stringify(info));
    renameSync(`${stackFile(config)}.new`, stackFile(config));
  };
  const endServer = async (graceMs: number) => {
    if (server) await end(server.child, graceMs);
    rmSync(stackFile(config), { force: true });
  };
  write(0);
  const stopWorkers = await keepWorkers(config, info.address, { onEvent, onPid: write }).catch(async (error) => {
    await endServer(5000);
    throw error;
  });
  return {
    info,
    owned: true,
    async stop() {
      await stopWorkers();
      await endServer(10_000);
    },
  };
}

function infoOf({ temporalAddress }: StackSettings, server: DevServer | null): StackInfo {
  return {
    address: temporalAddress ?? server!.address,
    uiUrl: server?.uiUrl ?? null,
    serverPid: server?.child.pid ?? null,
    workerPid: 0,
    ownerPid: process.pid,
  };
}
