import { QUEUES, type QueueName } from "./names.ts";

/** Numbers of the server's API, temporal.api.enums.v1.TaskQueueType. */
export const TASK_KINDS = { workflow: 1, activity: 2 } as const;
export type TaskKind = keyof typeof TASK_KINDS;

/** A worker asks for work at least once a minute. */
const POLLER_AGE_MS = 90_000;

/** What waits on a task queue, and who serves it. */
export interface QueueLoad {
  queue: QueueName;
  kind: TaskKind;
  /** Tasks that wait, about. */
  backlog: number;
  /** How long the oldest of them has waited. */
  ageSeconds: number;
  pollers: number;
}

/** A time or a duration as the server's API writes it; its numbers may be longer than JavaScript's. */
interface Seconds {
  seconds?: { toString(): string } | null;
  nanos?: number | null;
}

/** The server's answer to DescribeTaskQueue with `reportStats`, as far as it is read. */
export interface DescribedQueue {
  pollers?: { lastAccessTime?: Seconds | null }[] | null;
  stats?: { approximateBacklogCount?: { toString(): string } | null; approximateBacklogAge?: Seconds | null } | null;
}

/** Kinds of tasks that a queue carries; only the main queue carries workflows. */
export function kindsOf(queue: QueueName): TaskKind[] {
  return queue === QUEUES.main ? ["workflow", "activity"] : ["activity"];
}

/** What DescribeTaskQueue is asked about a queue. */
export function loadRequest(namespace: string, queue: QueueName, kind: TaskKind) {
  return { namespace, taskQueue: { name: queue }, taskQueueType: TASK_KINDS[kind], reportStats: true };
}

/** Reads its answer; workers that have not asked for work lately are gone. */
export function loadOf(queue: QueueName, kind: TaskKind, { pollers, stats }: DescribedQueue, now: number): QueueLoad {
  const lately = (pollers ?? []).filter(({ lastAccessTime }) => secondsOf(lastAccessTime) * 1000 > now - POLLER_AGE_MS);
  return {
    queue,
    kind,
    backlog: Number(stats?.approximateBacklogCount ?? 0),
    ageSeconds: secondsOf(stats?.approximateBacklogAge),
    pollers: lately.length,
  };
}

function secondsOf(value: Seconds | null | undefined): number {
  return Number(value?.seconds ?? 0) + (value?.nanos ?? 0) / 1e9;
}
