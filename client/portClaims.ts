import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Holder, livesBeside, thisProcess } from "../core/storage/lock/lockHolder.ts";
import { freePort } from "./ports.ts";

/** Choices of a port, if others claim it in the same moment. */
const CHOICES = 4;

/**
 * `preferred` or another port that is free and that no other live process has claimed, claimed for this one. A server
 * that fell over listens on nothing until it is started again. If another home's server took its port meanwhile, the
 * workers would serve that home. A claim is a file in the cache, so it binds processes that share one, and ends with its
 * process. A cache that cannot be written holds no claims.
 */
export async function claimPort(cache: string, preferred: number): Promise<number> {
  const folder = join(cache, "ports");
  const me = await thisProcess();
  for (let choice = 1; ; choice++) {
    const port = await freePort(preferred, await claimedByOthers(folder, me));
    if ((await claim(folder, port, me)) || choice === CHOICES) return port;
  }
}

/** False if another process claimed the port since the claims were read. A link never shows half a claim. */
async function claim(folder: string, port: number, me: Holder): Promise<boolean> {
  const file = join(folder, `${port}`);
  const draft = `${folder}.${randomUUID()}.tmp`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(draft, JSON.stringify(me));
    await link(draft, file);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EEXIST" || (await readHolder(file))?.pid === me.pid;
  } finally {
    await rm(draft, { force: true }).catch(() => {});
  }
}

/** Ports that other live processes have claimed. Removes claims of ended ones, of earlier boots, and damaged ones. */
async function claimedByOthers(folder: string, me: Holder): Promise<number[]> {
  const names = await readdir(folder).catch(() => []);
  const claims = names.map(async (name) => {
    const file = join(folder, name);
    const holder = await readHolder(file);
    if (holder?.place === me.place && holder.pid === me.pid && holder.began === me.began) return [];
    if (holder?.place === me.place && (await livesBeside(me, holder)) !== false) return [Number(name)];
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
