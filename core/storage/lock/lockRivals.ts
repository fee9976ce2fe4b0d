import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { storing } from "../storage.ts";
import { type Holder, livesBeside } from "./lockHolder.ts";

const LOCK = /^lock-.+\.json$/;

/** A lock of another process that is not known to be dead. */
export interface Rival {
  /** Null while the file is being written, or after a power cut. */
  holder: Holder | null;
  /** True if the process is known to be alive; false if that is unknown. */
  lives: boolean;
}

interface Sight {
  mtimeMs: number;
  since: number;
  /** Its modification time changed while it was watched. */
  beats: boolean;
}

/**
 * Watches the locks in a folder. Their times are compared only with each other, because the clocks of machines may
 * differ.
 */
export class Rivals {
  private readonly sights = new Map<string, Sight>();

  constructor(
    private readonly folder: string,
    private readonly me: Holder,
    private readonly leaseMs: number,
  ) {}

  /** The first rival other than `mine`; removes stale locks. */
  async first(mine?: string): Promise<Rival | null> {
    let found: Rival | null = null;
    await storing(this.folder, async () => {
      found = await this.find(mine);
    });
    return found;
  }

  private async find(mine?: string): Promise<Rival | null> {
    const names = await readdir(this.folder).catch(absent<string[]>([]));
    for (const name of names.filter((name) => LOCK.test(name) && name !== mine)) {
      const rival = await this.look(name);
      if (rival) return rival;
      await rm(join(this.folder, name), { force: true });
    }
    return null;
  }

  /** Null if the lock is stale or gone. */
  private async look(name: string): Promise<Rival | null> {
    const lock = await readLock(join(this.folder, name));
    if (!lock) return null;
    const { holder, mtimeMs } = lock;
    const lives = holder && (await livesBeside(this.me, holder));
    if (lives !== null) return lives ? { holder, lives } : null;
    const { beats, since } = this.sight(name, mtimeMs);
    return performance.now() - since > this.leaseMs ? null : { holder, lives: beats };
  }

  private sight(name: string, mtimeMs: number): Sight {
    const before = this.sights.get(name);
    if (before?.mtimeMs === mtimeMs) return before;
    const now = { mtimeMs, since: performance.now(), beats: before !== undefined };
    this.sights.set(name, now);
    return now;
  }
}

/** Opens the file, because NFS asks the server for the file's time only on open. */
async function readLock(file: string): Promise<{ holder: Holder | null; mtimeMs: number } | null> {
  const handle = await open(file, "r").catch(absent(null));
  try {
    if (!handle) return null;
    const { mtimeMs } = await handle.stat();
    return { holder: parsed(await handle.readFile("utf8")), mtimeMs };
  } finally {
    await handle?.close();
  }
}

/**
 * Replaces the error of a missing file or folder with a value. Other errors are thrown: an unreadable folder may
 * contain locks.
 */
function absent<T>(instead: T): (cause: NodeJS.ErrnoException) => T {
  return (cause) => {
    if (cause.code !== "ENOENT") throw cause;
    return instead;
  };
}

function parsed(text: string): Holder | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
