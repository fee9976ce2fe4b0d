import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Client } from "@temporalio/client";
import { WinnowError } from "../core/base/errors.ts";
import { lockFolder } from "../core/storage/lock/folderLock.ts";
import { thisProcess } from "../core/storage/lock/lockHolder.ts";
import { openStore } from "../core/storage/store.ts";
import { apiServer, servesApiOf } from "./apiServer.ts";
import { devServer, servesHome } from "./devServer.ts";
import { endStranger, isAlive } from "./processes.ts";
import type { StackSettings } from "./settings.ts";
import type { OnStackEvent } from "./stackEvents.ts";
import { liveStack, makeRunFolder, readStack, realHome, removeStack, type StackInfo, writeStack } from "./stackFile.ts";
import { type Supervised, supervise } from "./supervise.ts";
import { answers, connectClient } from "./temporal.ts";
import { allWorkers, DRAIN_MS, worksFor } from "./workers.ts";

/** A Temporal server with all workers, and the API if it is served. */
export interface Stack {
  info: StackInfo;
  /** True when this process started the workers and will stop them. */
  owned: boolean;
  stop(): Promise<void>;
}

/** How a stack is started and stopped. */
export interface StackControl {
  onEvent?: OnStackEvent;
  /** Ends a start that is under way; nothing of it is left. */
  stop?: AbortSignal;
  /** Shortens the time that processes get to end by themselves. */
  hurry?: AbortSignal;
  /** The server alone, to read what it knows: nothing goes on. Default: with the workers. */
  serverOnly?: boolean;
  /** Serves the HTTP API too. */
  api?: boolean;
}

const START_MS = 60_000;
const ORPHAN_MS = 10_000;
/** Starts of the server on new ports, when others take them in the same moment. */
const PORT_CHOICES = 4;

/** The stack that another process runs on this home, or null. Waits for one that is starting. */
export async function findStack(
  config: StackSettings,
  { onEvent, stop }: StackControl = {},
): Promise<StackInfo | null> {
  let told = false;
  for (let waited = 0; ; waited += 200) {
    const info = await liveStack(config);
    if (!info) return null;
    if (info.serverPid !== 0 && isAlive(info.workerPid) && (await answers(info.address, config))) return info;
    if (waited >= START_MS) return null;
    if (!told) onEvent?.({ kind: "waiting", pid: info.ownerPid });
    told = true;
    await delay(200);
    if (stop?.aborted) throw stopped();
  }
}

/** Address of the configured server, otherwise of the stack on this home, otherwise null. */
export async function serverAddress(config: StackSettings): Promise<string | null> {
  return config.temporalAddress ?? (await findStack(config))?.address ?? null;
}

/**
 * Runs `work` with a client of the configured server, of the running stack, or of one that is started for as long as
 * `work` takes. Throws TemporalUnreachable, ComputeCrashed when the workers end at start, Cancelled, and what `work`
 * throws.
 *
 * @example
 * const result = await withStack(config, (client) => ask(client, "what is a pod?"));
 */
export async function withStack<T>(
  config: StackSettings,
  work: (client: Client, stack: Stack) => Promise<T>,
  control: StackControl = {},
): Promise<T> {
  const stack = await usableStack(config, control);
  try {
    const client = await connectClient(stack.info.address, config);
    try {
      return await work(client, stack);
    } finally {
      // Interrupted work may still call the server. A retry on a closed connection would end the process.
      if (!control.stop?.aborted) await client.connection.close();
    }
  } finally {
    await stack.stop();
  }
}

/** The operator's server if one is configured, otherwise the stack of `joinStack`. */
export async function usableStack(config: StackSettings, control: StackControl = {}): Promise<Stack> {
  return config.temporalAddress ? remoteStack(config) : joinStack(config, control);
}

/** The operator's server; its workers run elsewhere. */
async function remoteStack(config: StackSettings): Promise<Stack> {
  return joined({ ...(await ownInfo(config, config.temporalAddress!)), ownerPid: 0 });
}

/** The stack on this home; if there is none, one that this process starts and must stop. */
export async function joinStack(config: StackSettings, control: StackControl = {}): Promise<Stack> {
  for (let attempt = 1; ; attempt++) {
    const running = await findStack(config, control);
    if (running) return joined(running);
    const started = await startStack(config, control);
    if (started) return started;
    // Another process was faster; its stack is found in the next round.
    if (attempt > 1) throw held(config);
  }
}

function joined(info: StackInfo): Stack {
  return { info, owned: false, stop: async () => {} };
}

/**
 * Starts the Temporal dev server, unless a server is configured, and all workers. Waits until they are ready. Null if
 * another process has begun to start them.
 */
async function startStack(config: StackSettings, control: StackControl): Promise<Stack | null> {
  makeRunFolder(config);
  const info = await claim(config, control);
  if (!info) return null;
  const parts: Supervised[] = [];
  const stop = () => stopParts(config, parts, control);
  try {
    await startParts(config, info, parts, control);
  } catch (error) {
    await stop();
    throw error;
  }
  return { info, owned: true, stop };
}

/** Takes this home for the process, and ends what a killed one left. Null if another process holds it. */
async function claim(config: StackSettings, { stop }: StackControl): Promise<StackInfo | null> {
  const signal = stop ?? new AbortController().signal;
  const folder = join(config.home, "run", "starting");
  const lock = await lockFolder(folder, { signal, progress() {} }, { patienceMs: Number.POSITIVE_INFINITY });
  try {
    if (await liveStack(config)) return null;
    await endLeftovers(config);
    const info = await ownInfo(config, config.temporalAddress ?? "");
    writeStack(config, info);
    return info;
  } finally {
    await lock.free();
  }
}

function held(config: StackSettings): WinnowError {
  const pid = readStack(config)?.ownerPid;
  return new WinnowError(
    "TemporalUnreachable",
    `Another winnow command (process ${pid}) holds ${config.home}, but its server and workers are not ready after ${START_MS / 1000} s. Try again later, or end it with \`kill ${pid}\`.`,
  );
}

/** Ends the server, workers and API of a killed command: two servers would damage one database file. */
async function endLeftovers(config: StackSettings): Promise<void> {
  const left = readStack(config);
  if (!left) return;
  const api = Number(left.apiPid);
  const workers = Number(left.workerPid);
  const server = Number(left.serverPid);
  if (isAlive(api) && servesApiOf(api, config)) await endStranger(api, ORPHAN_MS);
  if (isAlive(workers) && worksFor(workers, config)) await endStranger(workers, DRAIN_MS);
  if (isAlive(server) && servesHome(server, config)) await endStranger(server, ORPHAN_MS);
  await removeDrafts(config);
}

/** Removes what killed workers left half written. On this home's own server, nobody else writes any artifact. */
async function removeDrafts(config: StackSettings): Promise<void> {
  if (config.temporalAddress) return;
  await openStore(config.home)
    .sweep(0)
    .catch(() => {});
}

async function startParts(
  config: StackSettings,
  info: StackInfo,
  parts: Supervised[],
  { onEvent = () => {}, stop, hurry, serverOnly, api }: StackControl,
): Promise<void> {
  const publish = (changes: Partial<StackInfo>) => writeStack(config, Object.assign(info, changes));
  if (!config.temporalAddress) parts.push(await startServer(config, publish, { onEvent, stop, hurry }));
  if (serverOnly) return;
  const onPid = (workerPid: number) => publish({ workerPid });
  parts.push(await supervise(allWorkers(config, info.address), { onEvent, stop, hurry, onPid }));
  onEvent({ kind: "workers ready" });
  if (!api) return;
  const server = apiServer(config, info.address);
  const onApiPid = (apiPid: number) => {
    publish({ apiPid, apiUrl: server.url() });
    if (apiPid) onEvent({ kind: "api ready", url: server.url() });
  };
  parts.push(await supervise(server, { onEvent, stop, hurry, onPid: onApiPid }));
}

/** Starts the Temporal server. If another process takes one of its ports before it listens, it gets others. */
async function startServer(
  config: StackSettings,
  publish: (changes: Partial<StackInfo>) => void,
  { onEvent = () => {}, stop, hurry }: StackControl,
): Promise<Supervised> {
  for (let attempt = 1; ; attempt++) {
    const server = await devServer(config);
    const { address, uiUrl } = server;
    publish({ address, uiUrl, serverPid: 0 });
    const onPid = (serverPid: number) => {
      publish({ serverPid });
      if (serverPid) onEvent({ kind: "server started", address, uiUrl });
    };
    try {
      return await supervise(server, { onEvent, stop, hurry, onPid });
    } catch (error) {
      if (attempt === PORT_CHOICES || stop?.aborted || !(await server.lostPort())) throw error;
    }
  }
}

/** Ends what was started last first: workers need the server to drain. */
async function stopParts(
  config: StackSettings,
  parts: Supervised[],
  { onEvent = () => {}, hurry }: StackControl,
): Promise<void> {
  // Others wait for the end instead of joining.
  const info = readStack(config);
  if (info && parts.length > 0) writeStack(config, { ...info, workerPid: 0 });
  for (const part of [...parts].reverse()) {
    onEvent({ kind: "stopping", part: part.name });
    const killed = await part.end(hurry);
    if (killed && part.name === "workers") await removeDrafts(config);
  }
  removeStack(config);
}

async function ownInfo(config: StackSettings, address: string): Promise<StackInfo> {
  const owner = await thisProcess();
  const serverPid = config.temporalAddress ? null : 0;
  return {
    address,
    uiUrl: null,
    serverPid,
    workerPid: 0,
    apiUrl: null,
    apiPid: null,
    ownerPid: owner.pid,
    owner,
    home: realHome(config),
  };
}

function stopped(): WinnowError {
  return new WinnowError("Cancelled", "stopped while starting");
}
