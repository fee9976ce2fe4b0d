import type { Duration } from "@temporalio/common";
import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  ApplicationFailure,
  proxyActivities,
  proxyLocalActivities,
  TimeoutFailure,
} from "@temporalio/workflow";
import type { createAskActivities } from "../activities/ask.ts";
import type { createChampionActivities } from "../activities/champion.ts";
import type { createChangesActivities } from "../activities/changes.ts";
import type { createDeployActivities } from "../activities/deploy.ts";
import type { createFirstReleaseActivities } from "../activities/firstRelease.ts";
import type { createLightActivities } from "../activities/light.ts";
import type { createRetrainActivities } from "../activities/retrain.ts";
import type { createShardPlans } from "../activities/shardPlans.ts";
import type { createSourceActivities } from "../activities/source.ts";
import { OUTAGES, QUEUES, type QueueName, STORE_UNAVAILABLE, WORKER_SHUTDOWN } from "../contracts/names.ts";
import type { StageActivities } from "../core/stages/index.ts";
import { throughOutages, type Waiting } from "./outages.ts";
import { throughSilence } from "./silence.ts";

/** Stages of the table, and the planning activities. */
type CpuActivities = StageActivities &
  ReturnType<typeof createShardPlans> &
  ReturnType<typeof createChangesActivities> &
  ReturnType<typeof createRetrainActivities> &
  ReturnType<typeof createSourceActivities>;

/** Long work: only the heartbeat limits it, and stops a second after its worker. */
const LONG: ActivityOptions = {
  startToCloseTimeout: "2 days",
  heartbeatTimeout: "10 seconds",
  retry: { initialInterval: "1 second", backoffCoefficient: 2, maximumInterval: "1 minute", maximumAttempts: 5 },
  // A run is cancelled once its processes have ended: its lock holds until then.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
};
/** Stages: `onPool` handles worker shutdowns and outages itself, so they do not count as attempts. */
const STAGE: ActivityOptions = {
  ...LONG,
  retry: { ...LONG.retry, nonRetryableErrorTypes: [WORKER_SHUTDOWN, ...OUTAGES] },
};
/** A step of answering. Someone waits, and an unavailable store may outlast their patience. */
const SHORT: ActivityOptions = {
  startToCloseTimeout: "2 minutes",
  heartbeatTimeout: "10 seconds",
  retry: {
    initialInterval: "200 milliseconds",
    backoffCoefficient: 2,
    maximumAttempts: 3,
    nonRetryableErrorTypes: [STORE_UNAVAILABLE],
  },
};
/**
 * A call of the LLM may take a minute, and an attempt makes two where the release is not sure. All attempts may take
 * four minutes. Then the answer is degraded.
 */
const LLM: ActivityOptions = {
  startToCloseTimeout: "130 seconds",
  scheduleToCloseTimeout: "4 minutes",
  heartbeatTimeout: "10 seconds",
  retry: {
    initialInterval: "1 second",
    backoffCoefficient: 2,
    maximumInterval: "20 seconds",
    maximumAttempts: 4,
    nonRetryableErrorTypes: [STORE_UNAVAILABLE],
  },
};

type LightActivities = ReturnType<typeof createLightActivities> &
  ReturnType<typeof createDeployActivities> &
  ReturnType<typeof createFirstReleaseActivities> &
  ReturnType<typeof createChampionActivities>;

const LIGHT: ActivityOptions = {
  startToCloseTimeout: "20 seconds",
  retry: {
    initialInterval: "500 milliseconds",
    backoffCoefficient: 2,
    maximumInterval: "10 seconds",
    maximumAttempts: 8,
  },
};
export const light = proxyActivities<LightActivities>({ ...LIGHT, taskQueue: QUEUES.main });
/** Runs in the workflow's own worker, for calls of milliseconds while someone waits. */
export const lightHere = proxyLocalActivities<Pick<LightActivities, "parseQuestion">>({
  ...LIGHT,
  retry: { ...LIGHT.retry, nonRetryableErrorTypes: [STORE_UNAVAILABLE] },
});
/** Reads a whole release: seconds, or minutes if it is large and the disk is slow. */
export const integrity = proxyActivities<Pick<LightActivities, "verifyRelease">>({
  ...LONG,
  startToCloseTimeout: "1 hour",
  taskQueue: QUEUES.main,
});
export const cpu = proxyActivities<CpuActivities>({ ...STAGE, taskQueue: QUEUES.cpu });
/** An endpoint may fail often in thousands of calls. The activity itself gives up if the endpoint stays silent. */
export const writer = proxyActivities<Pick<StageActivities, "writeQuestions" | "gradeQuestions">>({
  ...STAGE,
  retry: { ...STAGE.retry, maximumInterval: "30 seconds", maximumAttempts: 1000 },
  taskQueue: QUEUES.cpu,
});
export const gpu = proxyActivities<Pick<StageActivities, "train">>({ ...STAGE, taskQueue: QUEUES.gpu });
export const query = proxyActivities<ReturnType<typeof createAskActivities>>({ ...SHORT, taskQueue: QUEUES.query });
export const llm = proxyActivities<Pick<ReturnType<typeof createAskActivities>, "answer">>({
  ...LLM,
  taskQueue: QUEUES.query,
});

const POOLS: Record<QueueName, string> = {
  winnow: "cpu",
  "winnow-cpu": "cpu",
  "winnow-gpu": "gpu",
  "winnow-query": "query",
};

/** An activity of one of the proxies. */
export interface Callable<A extends unknown[], R> {
  executeWithOptions(options: ActivityOptions, args: A): Promise<R>;
}

/**
 * Calls an activity on a pool of workers. The call waits while the workers are busy, is repeated after a worker
 * shutdown, and is repeated with a pause during a store outage and after workers fell silent. If no worker polls the
 * queue, it fails and names the pool to start.
 */
export function onPool<A extends unknown[], R>(
  queue: QueueName,
  activity: Callable<A, R>,
  { summary, waits }: { summary: string; waits?: Waiting },
  ...args: A
): Promise<R> {
  return throughSilence(() => throughOutages(() => onWorkers(queue, activity, summary, args), waits));
}

async function onWorkers<A extends unknown[], R>(
  queue: QueueName,
  activity: Callable<A, R>,
  summary: string,
  args: A,
): Promise<R> {
  for (let patience: Duration = "1 minute"; ; ) {
    try {
      const options = { scheduleToStartTimeout: patience, summary: shortened(summary) };
      return await activity.executeWithOptions(options, args);
    } catch (error) {
      // A replaced worker is no failure of the work, however often it happens.
      if (drained(error)) continue;
      if (!waitedInVain(error)) throw error;
      if ((await pollersOf(queue)) === 0) throw noWorker(queue);
      patience = "10 minutes";
    }
  }
}

function drained(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === WORKER_SHUTDOWN;
}

/** Calls an activity with a summary for the Web UI; its proxy sets timeouts and retries. */
export function summarised<A extends unknown[], R>(activity: Callable<A, R>, summary: string, ...args: A): Promise<R> {
  return activity.executeWithOptions({ summary: shortened(summary) }, args);
}

/** Longest wait of a question for a worker. */
export const MINUTE_MS = 60_000;

/**
 * Calls an activity of the query pool for a question. Since someone waits, it fails as busy after a minute without a
 * free worker. If no worker polls the queue, it fails as `onPool` does.
 */
export async function onQueryPool<A extends unknown[], R>(
  activity: Callable<A, R>,
  summary: string,
  ...args: A
): Promise<R> {
  try {
    const options = { scheduleToStartTimeout: MINUTE_MS, summary: shortened(summary) };
    return await activity.executeWithOptions(options, args);
  } catch (error) {
    if (!waitedInVain(error)) throw error;
    throw (await pollersOf(QUEUES.query)) === 0 ? noWorker(QUEUES.query) : busy();
  }
}

/** Failure of a question that waited a minute. The caller may retry. */
export function busy(): ApplicationFailure {
  return ApplicationFailure.nonRetryable("Busy: no worker had time for a minute. Try again in 60 s.", "Busy");
}

/** Number of workers that serve a queue. */
export function pollersOf(queue: QueueName): Promise<number> {
  return summarised(light.pollersOf, `how many workers serve ${queue}`, queue);
}

/** The server refuses summaries above 400 bytes, and paths may be longer. */
export function shortened(summary: string): string {
  return summary.length <= 100 ? summary : `${summary.slice(0, 60)}…${summary.slice(-39)}`;
}

function waitedInVain(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof TimeoutFailure && cause.timeoutType === "SCHEDULE_TO_START";
}

function noWorker(queue: QueueName): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `No worker polls ${queue}. Start the ${POOLS[queue]} pool with \`npx tsx workers/${POOLS[queue]}.ts\`, or everything with \`npx winnow up\`.`,
    "NoWorker",
  );
}
