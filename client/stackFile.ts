import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf, WinnowError } from "../core/base/errors.ts";
import { type Holder, livesBeside, thisProcess } from "../core/storage/lock/lockHolder.ts";
import { servesHome } from "./devServer.ts";
import type { StackSettings } from "./settings.ts";

/** Addresses and processes of the running stack. Written to `run/stack.json` for other processes. */
export interface StackInfo {
  address: string;
  uiUrl: string | null;
  /** Null for a server that the operator runs; 0 while the embedded one is being started again. */
  serverPid: number | null;
  /** 0 while the workers are being started. */
  workerPid: number;
  /** URL of the API; null if none is served. */
  apiUrl: string | null;
  /** Null if no API is served; 0 while it is being started. */
  apiPid: number | null;
  /** The process that started it. */
  ownerPid: number;
  /** Identifies the same process, even if another one has its PID later. */
  owner: Holder;
  /** Home that the file was written for: a copied folder holds a copy of the file. */
  home: string;
}

type Home = Pick<StackSettings, "home">;

/** Makes the folder of the stack's files. Throws StorageFailed. */
export function makeRunFolder({ home }: Home): void {
  try {
    makeFolder(join(home, "run"));
  } catch (error) {
    throw new WinnowError(
      "StorageFailed",
      `WINNOW_HOME: the folder ${home} cannot be used: ${messageOf(error)}. Set it to a folder that can be written.`,
    );
  }
}

/** Node's own recursive mode never returns on a file system that refuses every new folder, such as /proc. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(folder).isDirectory()) return;
    if (code !== "ENOENT" || exists(dirname(folder))) throw error;
    makeFolder(dirname(folder));
    mkdirSync(folder);
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** What the file says, believed or not; null without a readable one. */
export function readStack(config: Home): StackInfo | null {
  try {
    return JSON.parse(readFileSync(stackFile(config), "utf8"));
  } catch {
    return null;
  }
}

/**
 * The stack of this home, if the process that started it lives and its server, if any runs now, is one on this home's
 * database.
 */
export async function liveStack(config: Home): Promise<StackInfo | null> {
  const info = readStack(config);
  if (!info?.owner || realHome(config) !== info.home) return null;
  if ((await livesBeside(await thisProcess(), info.owner)) === false) return null;
  return info.serverPid && !servesHome(info.serverPid, config, info.address) ? null : info;
}

/** Replaces the file at once: a reader of a partial one would see no stack. */
export function writeStack(config: Home, info: StackInfo): void {
  const file = stackFile(config);
  writeFileSync(`${file}.new`, JSON.stringify(info));
  renameSync(`${file}.new`, file);
}

export function removeStack(config: Home): void {
  for (const file of [stackFile(config), `${stackFile(config)}.new`]) rmSync(file, { force: true });
}

/** The home by its one real path. */
export function realHome({ home }: Home): string {
  try {
    return realpathSync(home);
  } catch {
    return home;
  }
}

function stackFile({ home }: Home): string {
  return join(home, "run", "stack.json");
}
