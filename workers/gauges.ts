import type { MetricMeter } from "@temporalio/common";
import type { NativeConnection } from "@temporalio/worker";
import type { Logger } from "pino";
import { QUEUES } from "../contracts/names.ts";
import { messageOf } from "../core/base/errors.ts";
import { type Releases, servedNdcg } from "../core/storage/releases.ts";
import { queueLoads } from "../core/upkeep/queueLoads.ts";

const QUEUES_MS = 5000;
/** Reading the ledger of a bucket costs one or two requests. */
const CHAMPIONS_MS = 30_000;

/** Sources of the gauges. */
export interface Watched {
  releases: Releases;
  connection: NativeConnection;
  namespace: string;
}

/**
 * Refreshes the gauges of champions and queues until `stop` fires. Every worker process exports the same values, so
 * queries take the maximum. After a failed refresh the last values stay, and one warning is logged.
 */
export function startGauges(meter: MetricMeter, watched: Watched, log: Logger, stop: AbortSignal): void {
  const keep = (refresh: () => Promise<void>, everyMs: number) => {
    let told = false;
    const failed = (error: unknown) => {
      if (!told && !stop.aborted)
        log.warn({ reason: messageOf(error).split("\n")[0] }, "metrics of champions or queues are stale");
      told = true;
    };
    const look = async () => {
      await refresh().then(() => {
        told = false;
      }, failed);
      if (!stop.aborted) setTimeout(look, everyMs).unref();
    };
    void look();
  };
  keep(championGauges(meter, watched.releases), CHAMPIONS_MS);
  keep(queueGauges(meter, watched), QUEUES_MS);
}

function championGauges(meter: MetricMeter, releases: Releases): () => Promise<void> {
  const age = meter.createGauge("winnow_release_age_seconds", "float", "s", "Age of the champion");
  const ndcg = meter.createGauge("winnow_champion_ndcg", "float", "1", "nDCG@10 of the served ranking");
  const reranked = meter.createGauge("winnow_champion_reranked", "int", "1", "1: the reranker serves, 0: it is off");
  return async () => {
    const champions = new Map((await releases.ledger()).map(({ corpus, release }) => [corpus, release]));
    let failure: unknown = null;
    for (const [corpus, id] of champions) {
      // A damaged release stops the figures of its corpus alone.
      const release = await releases.read(id).catch((error) => void (failure = error));
      if (!release) continue;
      const { manifest } = release;
      age.set((Date.now() - Date.parse(manifest.createdAt)) / 1000, { corpus });
      reranked.set(manifest.ranking === "reranked" ? 1 : 0, { corpus });
      const value = servedNdcg(manifest);
      if (value !== null) ndcg.set(value, { corpus });
    }
    if (failure !== null) throw failure;
  };
}

function queueGauges(meter: MetricMeter, { connection, namespace }: Watched): () => Promise<void> {
  const backlog = meter.createGauge(
    "winnow_queue_backlog",
    "int",
    "1",
    "Approximate number of tasks waiting for a worker",
  );
  const age = meter.createGauge("winnow_queue_backlog_age_seconds", "float", "s", "Age of the oldest waiting task");
  const pollers = meter.createGauge(
    "winnow_queue_pollers",
    "int",
    "1",
    "Worker processes that poll the queue, busy ones included",
  );
  return async () => {
    const { workflowService } = connection;
    for (const queue of Object.values(QUEUES))
      for (const load of await queueLoads(queue, namespace, (asked) => workflowService.describeTaskQueue(asked))) {
        const tags = { queue, kind: load.kind };
        backlog.set(load.backlog, tags);
        age.set(load.ageSeconds, tags);
        pollers.set(load.pollers, tags);
      }
  };
}
