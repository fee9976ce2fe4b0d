import { WinnowError } from "../../../base/errors.ts";
import type { Weaviate } from "../../engines/weaviate.ts";

/** Milliseconds without a reply after which another replica is asked as well. */
const HEDGE_MS = 1_000;
/** Milliseconds for which a server that failed or was slow is the last choice. */
const AVOIDED_MS = 10_000;

/** A server, with when it last failed or was overtaken. */
export interface Host {
  url: string;
  client: Weaviate;
  avoidedUntil: number;
}

/** A server that may have a shard. `ready` throws unless the server has it. */
export interface Replica {
  host: Host;
  ready(): Promise<void>;
}

/**
 * The replicas of one shard. A question goes to one of them. If that fails, the next is asked at once, and if it is
 * slow, the next is asked as well: the first reply counts. Servers that were slow or failed are asked last for a while.
 */
export class Replicas {
  private turn = 0;

  constructor(
    private readonly replicas: readonly Replica[],
    private readonly hedgeMs: number = HEDGE_MS,
  ) {}

  /** Throws what the replicas throw if all fail: `VectorServerUnavailable` if a retry may help. */
  async ask<T>(work: (client: Weaviate, signal: AbortSignal) => Promise<T>): Promise<T> {
    const order = this.order();
    const stop = new AbortController();
    const errors: unknown[] = [];
    return new Promise<T>((settle, fail) => {
      let next = 0;
      let open = 0;
      let done = false;
      let timer: NodeJS.Timeout | undefined;
      const end = (how: () => void) => {
        done = true;
        clearTimeout(timer);
        stop.abort();
        how();
      };
      const startNext = () => {
        clearTimeout(timer);
        const replica = order[next++];
        if (replica === undefined) return;
        open++;
        timer = setTimeout(() => {
          avoid(replica.host);
          startNext();
        }, this.hedgeMs).unref();
        attempt(replica, work, stop.signal).then(
          (value) => done || end(() => settle(value)),
          (error) => {
            if (done) return;
            open--;
            errors.push(error);
            avoid(replica.host);
            startNext();
            if (open === 0) end(() => fail(worthRetrying(errors)));
          },
        );
      };
      startNext();
    });
  }

  /** Servers in good order first, each in its turn. */
  private order(): Replica[] {
    const now = Date.now();
    const start = this.turn++ % this.replicas.length;
    const turned = [...this.replicas.slice(start), ...this.replicas.slice(0, start)];
    const avoided = ({ host }: Replica) => Number(host.avoidedUntil > now);
    return turned.sort((a, b) => avoided(a) - avoided(b));
  }
}

async function attempt<T>(
  { host, ready }: Replica,
  work: (client: Weaviate, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  await ready();
  return work(host.client, signal);
}

function avoid(host: Host): void {
  host.avoidedUntil = Date.now() + AVOIDED_MS;
}

function worthRetrying(errors: readonly unknown[]): unknown {
  return errors.find((error) => error instanceof WinnowError && error.code === "VectorServerUnavailable") ?? errors[0];
}
