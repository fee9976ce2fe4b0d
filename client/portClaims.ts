import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../core/base/replaceFile.ts";
import { type Holder, livesBeside, thisProcess } from "../core/storage/lock/lockHolder.ts";
import { freePort } from "./ports.ts";

/**
 * `preferred` or another port that is free and that no other live process has claimed, claimed for this one. A server
 * that fell over listens on nothing until it is started again. If another home's server took its port meanwhile, the
 * workers would serve that home. A claim is a file in the cache, and ends with its process. A cache that cannot be
 * written holds no claims.
 */
export async function claimPort(cache: string, preferred: number): Promise<number> {
  const folder = join(cache, "ports");
  const me = await thisProcess();
  const port = await freePort(preferred, await claimedByOthers(folder, me));
  await replaceFile(join(folder, `${port}`), JSON.stringify(me)).catch(() => {});
  return port;
}

/** Ports that other processes of this machine have claimed. Removes the claims of ended ones. */
async function claimedByOthers(folder: string, me: Holder): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  const claims = names.map(async (name) => {
    const file = join(folder, name);
    const holder = await readHolder(file);
    if (holder?.place !== me.place || holder.pid === me.pid) return [];
    if ((await livesBeside(me, holder)) !== false) return [Number(name)];
    await rm(file, { force: true }).catch(() => {});
    return [];
  });
  return (await Promise.all(claims)).flat();
}

async function readHolder(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return null;
  }
}
