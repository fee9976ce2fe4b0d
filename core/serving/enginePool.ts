import { WinnowError } from "../base/errors.ts";
import type { Service } from "../runtime/service.ts";
import type { Release } from "../storage/releases.ts";
import type { Engine } from "./engine.ts";

export type EngineService = Pick<Service<Engine>, "request" | "alive" | "close">;

interface Loaded {
  corpus: string;
  engine: Promise<EngineService>;
  /** Number of tasks that use it or wait for it to load. */
  users: number;
  usedAt: number;
  /** Closes it once it was idle for long enough. */
  idle?: NodeJS.Timeout;
}

/** Engines of releases: one compute process for each release, at most `limit` of them loaded. */
export interface EnginePool {
  /**
   * Lends a release's engine for one task. Loads the engine if needed, and waits while all engines are busy. Throws
   * loading errors, and Cancelled if `signal` fires before the task starts.
   */
  use<T>(release: Release, work: (engine: EngineService) => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** Releases loaded now, with their corpus. */
  loaded(): { corpus: string; release: string }[];
  /** Loads a release before a question needs it, if another one can stay loaded. */
  warm(release: Release): Promise<void>;
  close(): Promise<void>;
}

/** @param idleMs an engine that no task used for this long is closed; null keeps it */
export function createEnginePool(
  open: (release: Release) => Promise<EngineService>,
  limit = 2,
  idleMs: number | null = null,
): EnginePool {
  return new Engines(open, limit, idleMs);
}

class Engines implements EnginePool {
  private readonly entries = new Map<string, Loaded>();
  /** Engines that are closing and still hold their memory. */
  private closing = 0;
  private clock = 0;
  private waiters: (() => void)[] = [];

  constructor(
    private readonly open: (release: Release) => Promise<EngineService>,
    private readonly limit: number,
    private readonly idleMs: number | null,
  ) {}

  async use<T>(release: Release, work: (engine: EngineService) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const entry = await this.lend(release, signal);
    try {
      return await work(await entry.engine);
    } finally {
      this.giveBack(entry);
    }
  }

  loaded() {
    return [...this.entries].map(([release, { corpus }]) => ({ corpus, release }));
  }

  async warm(release: Release): Promise<void> {
    if (this.limit > 1 && !this.entries.has(release.id)) await this.use(release, async () => {});
  }

  async close(): Promise<void> {
    await Promise.all([...this.entries].map(([id, entry]) => this.drop(id, entry)));
  }

  private async lend(release: Release, signal?: AbortSignal): Promise<Loaded> {
    for (;;) {
      const entry = this.entries.get(release.id) ?? this.load(release);
      if (entry === null) {
        await unlessCancelled(new Promise<void>((look) => this.waiters.push(look)), signal);
        continue;
      }
      // Mark it as in use now, so that no other task evicts the engine while it loads.
      entry.users++;
      clearTimeout(entry.idle);
      try {
        if ((await unlessCancelled(entry.engine, signal)).alive()) return entry;
      } catch (error) {
        this.giveBack(entry);
        throw error;
      }
      this.giveBack(entry);
      await this.drop(release.id, entry);
    }
  }

  /** Starts loading a release; null if there is no room yet. */
  private load(release: Release): Loaded | null {
    if (this.entries.size + this.closing >= this.limit) {
      this.makeRoom();
      return null;
    }
    const entry = { corpus: release.manifest.corpus, engine: this.open(release), users: 0, usedAt: ++this.clock };
    this.entries.set(release.id, entry);
    entry.engine.catch(() => {
      if (this.entries.get(release.id) === entry) this.entries.delete(release.id);
      this.wake();
    });
    return entry;
  }

  /** Closes the least recently used idle engine, unless another is already closing. */
  private makeRoom(): void {
    const idle = [...this.entries].filter(([, { users }]) => users === 0).sort((a, b) => a[1].usedAt - b[1].usedAt)[0];
    if (idle && this.closing === 0) void this.drop(...idle);
  }

  private async drop(id: string, entry: Loaded): Promise<void> {
    if (this.entries.get(id) !== entry) return;
    this.entries.delete(id);
    clearTimeout(entry.idle);
    this.closing++;
    await entry.engine.then((engine) => engine.close()).catch(() => {});
    this.closing--;
    this.wake();
  }

  private giveBack(entry: Loaded): void {
    entry.users--;
    entry.usedAt = ++this.clock;
    if (entry.users === 0) this.closeOnceIdle(entry);
    this.wake();
  }

  private closeOnceIdle(entry: Loaded): void {
    if (this.idleMs === null) return;
    const [id] = [...this.entries].find(([, loaded]) => loaded === entry) ?? [];
    if (id !== undefined) entry.idle = setTimeout(() => void this.drop(id, entry), this.idleMs).unref();
  }

  /** Wakes all waiting tasks after an engine became idle, closed or failed to load. */
  private wake(): void {
    const woken = this.waiters;
    this.waiters = [];
    for (const look of woken) look();
  }
}

function unlessCancelled<T>(waited: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return waited;
  return new Promise<T>((settle, fail) => {
    const leave = () => fail(new WinnowError("Cancelled", "The question was cancelled before its release was loaded"));
    if (signal.aborted) return leave();
    signal.addEventListener("abort", leave, { once: true });
    waited.then(settle, fail).finally(() => signal.removeEventListener("abort", leave));
  });
}
