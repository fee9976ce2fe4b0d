import { QUEUES, type QueueName } from "../../contracts/names.ts";

/** Enum values of the server's API, temporal.api.enums.v1.TaskQueueType. */
export const TASK_KINDS = { workflow: 1, activity: 2 } as const;
export type TaskKind = keyof typeof TASK_KINDS;

/** An idle worker polls at least once a minute. */
const POLLER_AGE_MS = 90_000;

/** Backlog and workers of a task queue. */
export interface QueueLoad {
  queue: QueueName;
  kind: TaskKind;
  /** Approximate number of waiting tasks. */
  backlog: number;
  /** Age of the oldest waiting task. */
  ageSeconds: number;
  /** Worker processes that serve the queue, including busy ones. */
  pollers: number;
}

/** A time or a duration of the server's API; its numbers may exceed JavaScript's safe integers. */
interface Seconds {
  seconds?: { toString(): string } | null;
  nanos?: number | null;
}

/** A worker process that polled the queue. */
export interface Poller {
  lastAccessTime?: Seconds | null;
  identity?: string | null;
}

/** The fields in use of the server's reply to DescribeTaskQueue with `reportStats`. */
export interface DescribedQueue {
  pollers?: Poller[] | null;
  stats?: { approximateBacklogCount?: { toString(): string } | null; approximateBacklogAge?: Seconds | null } | null;
}

/** Kinds of tasks on a queue; only the main queue carries workflows. */
export function kindsOf(queue: QueueName): TaskKind[] {
  return queue === QUEUES.main ? ["workflow", "activity"] : ["activity"];
}

/**
 * A queue that stays empty. Each worker process polls one for each queue it serves. On the queue itself a fully busy
 * worker does not poll, and would count as gone.
 */
export function presenceQueue(queue: QueueName): string {
  return `${queue}-presence`;
}

/** Queries the server for backlog and workers of a queue, one entry per kind of task. */
export async function queueLoads(
  queue: QueueName,
  namespace: string,
  describe: (request: ReturnType<typeof loadRequest>) => Promise<DescribedQueue>,
): Promise<QueueLoad[]> {
  const present = await describe(loadRequest(namespace, presenceQueue(queue), "activity"));
  return Promise.all(
    kindsOf(queue).map(async (kind) =>
      loadOf({ queue, kind }, await describe(loadRequest(namespace, queue, kind)), present, Date.now()),
    ),
  );
}

/** The DescribeTaskQueue request for a queue. */
export function loadRequest(namespace: string, queue: string, kind: TaskKind) {
  return { namespace, taskQueue: { name: queue }, taskQueueType: TASK_KINDS[kind], reportStats: true };
}

/**
 * Combines the server's replies for a queue and its presence queue. Workers that have not polled recently count as
 * gone.
 */
export function loadOf(
  { queue, kind }: Pick<QueueLoad, "queue" | "kind">,
  { pollers, stats }: DescribedQueue,
  present: DescribedQueue,
  now: number,
): QueueLoad {
  const lately = (asked: DescribedQueue["pollers"]) => (asked ?? []).filter((poller) => isRecent(poller, now)).length;
  return {
    queue,
    kind,
    backlog: Number(stats?.approximateBacklogCount ?? 0),
    ageSeconds: secondsOf(stats?.approximateBacklogAge),
    // Workers of builds without presence queues appear only on the queue itself.
    pollers: Math.max(lately(pollers), lately(present.pollers)),
  };
}

/** True if the worker polled so lately that it still runs. */
export function isRecent({ lastAccessTime }: Poller, now: number): boolean {
  return secondsOf(lastAccessTime) * 1000 > now - POLLER_AGE_MS;
}

export function secondsOf(value: Seconds | null | undefined): number {
  return Number(value?.seconds ?? 0) + (value?.nanos ?? 0) / 1e9;
}
