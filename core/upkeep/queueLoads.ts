import { QUEUES, type QueueName } from "../../contracts/names.ts";

/** Numbers of the server's API, temporal.api.enums.v1.TaskQueueType. */
export const TASK_KINDS = { workflow: 1, activity: 2 } as const;
export type TaskKind = keyof typeof TASK_KINDS;

/** A worker that waits for work asks anew at least once a minute. */
const POLLER_AGE_MS = 90_000;

/** What waits on a task queue, and who serves it. */
export interface QueueLoad {
  queue: QueueName;
  kind: TaskKind;
  /** Tasks that wait, about. */
  backlog: number;
  /** How long the oldest of them has waited. */
  ageSeconds: number;
  /** Worker processes that serve it, busy ones too. */
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

/**
 * Queue that nothing is ever put on. Each worker process polls one a queue it serves: on the queue itself it asks for
 * nothing while all it may do at once is under way, and would count as gone.
 */
export function presenceQueue(queue: QueueName): string {
  return `${queue}-presence`;
}

/** Asks a server what waits on a queue and who serves it, one entry a kind of task. */
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

/** What DescribeTaskQueue is asked about a queue. */
function loadRequest(namespace: string, queue: string, kind: TaskKind) {
  return { namespace, taskQueue: { name: queue }, taskQueueType: TASK_KINDS[kind], reportStats: true };
}

/** Reads the server's answers about a queue and its presence queue; workers that have not asked for work lately are gone. */
export function loadOf(
  { queue, kind }: Pick<QueueLoad, "queue" | "kind">,
  { pollers, stats }: DescribedQueue,
  present: DescribedQueue,
  now: number,
): QueueLoad {
  const lately = (asked: DescribedQueue["pollers"]) =>
    (asked ?? []).filter(({ lastAccessTime }) => secondsOf(lastAccessTime) * 1000 > now - POLLER_AGE_MS).length;
  return {
    queue,
    kind,
    backlog: Number(stats?.approximateBacklogCount ?? 0),
    ageSeconds: secondsOf(stats?.approximateBacklogAge),
    // Workers of a build before there were presence queues show on the queue alone.
    pollers: Math.max(lately(pollers), lately(present.pollers)),
  };
}

function secondsOf(value: Seconds | null | undefined): number {
  return Number(value?.seconds ?? 0) + (value?.nanos ?? 0) / 1e9;
}
