import type { Release } from "../core/artifacts/releases.ts";
import type { Service } from "../core/native/service.ts";
import type { ServiceApi } from "../core/native/tasks.ts";

export type EngineService = Pick<Service<ServiceApi<"engine">>, "request" | "alive" | "close">;

interface Loaded {
  corpus: string;
  engine: Promise<EngineService>;
  users: number;
  usedAt: number;
}

/** The engines of a query worker: a compute process a release, at most `limit` of them loaded. */
export interface EnginePool {
  /** Lends the engine of a release for one piece of work; loads it where it is not loaded. */
  use<T>(release: Release, work: (engine: EngineService) => Promise<T>): Promise<T>;
  /** Releases loaded now, by the corpus they are of. */
  loaded(): { corpus: string; release: string }[];
  /** Loads a release before a question needs it, where another one can stay loaded meanwhile. */
  warm(release: Release): Promise<void>;
  close(): Promise<void>;
}

export function createEnginePool(open: (release: Release) => Promise<EngineService>, limit = 2): EnginePool {
  const loaded = new Map<string, Loaded>();
  let clock = 0;
  let waiters: (() => void)[] = [];

  const drop = async (id: string, entry: Loaded) => {
    if (loaded.get(id) === entry) loaded.delete(id);
    await entry.engine.then((engine) => engine.close()).catch(() => {});
  };

  /** Ends the idle engine used longest ago; waits where all are at work. */
  const makeRoom = async () => {
    while (loaded.size >= limit) {
      const idle = [...loaded].filter(([, entry]) => entry.users === 0).sort((a, b) => a[1].usedAt - b[1].usedAt)[0];
      if (idle) await drop(...idle);
      else await new Promise<void>((settle) => waiters.push(settle));
    }
  };

  const lend = async (release: Release): Promise<Loaded> => {
    for (;;) {
      const entry = loaded.get(release.id);
      if (entry) {
        entry.users++;
        const alive = await entry.engine.then((engine) => engine.alive()).catch(() => false);
        if (alive) return entry;
        entry.users--;
        await drop(release.id, entry);
      }
      if (loaded.size >= limit) await makeRoom();
      // Another question may have loaded it meanwhile.
      else if (!loaded.has(release.id)) {
        const fresh = { corpus: release.manifest.corpus, engine: open(release), users: 0, usedAt: ++clock };
        loaded.set(release.id, fresh);
        await fresh.engine.catch((error) => {
          loaded.delete(release.id);
          throw error;
        });
      }
    }
  };

  const use: EnginePool["use"] = async (release, work) => {
    const entry = await lend(release);
    try {
      return await work(await entry.engine);
    } finally {
      entry.users--;
      entry.usedAt = ++clock;
      const waiting = waiters;
      waiters = [];
      for (const wake of waiting) wake();
    }
  };

  return {
    use,
    loaded: () => [...loaded].map(([release, { corpus }]) => ({ corpus, release })),
    async warm(release) {
      if (limit > 1 && !loaded.has(release.id)) await use(release, async () => {});
    },
    async close() {
      await Promise.all([...loaded].map(([id, entry]) => drop(id, entry)));
    },
  };
}
