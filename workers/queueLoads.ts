import type { NativeConnection } from "@temporalio/worker";
import { QUEUES, type QueueName } from "../contracts/names.ts";

// Numbers of the server's API, temporal.api.enums.v1.
const TASK_KINDS = { workflow: 1, activity: 2 } as const;

/** A worker asks for work at least once a minute. */
const POLLER_AGE_MS = 90_000;

/** What waits on a task queue, and who serves it. */
export interface QueueLoad {
  kind: keyof typeof TASK_KINDS;
  /** Tasks that wait, about. */
  backlog: number;
  /** How long the oldest of them has waited. */
  ageSeconds: number;
  pollers: number;
}

/** Asks the server about one queue; only the main queue carries workflows. */
export async function queueLoads(
  { workflowService }: Pick<NativeConnection, "workflowService">,
  namespace: string,
  queue: QueueName,
): Promise<QueueLoad[]> {
  const kinds = queue === QUEUES.main ? (["workflow", "activity"] as const) : (["activity"] as const);
  return Promise.all(
    kinds.map(async (kind) => {
      const taskQueue = { name: queue };
      const request = { namespace, taskQueue, taskQueueType: TASK_KINDS[kind], reportStats: true };
      const { pollers, stats } = await workflowService.describeTaskQueue(request);
      const oldest = Date.now() - POLLER_AGE_MS;
      const lately = (pollers ?? []).filter(({ lastAccessTime: at }) => Number(at?.seconds ?? 0) * 1000 > oldest);
      const age = stats?.approximateBacklogAge;
      return {
        kind,
        backlog: Number(stats?.approximateBacklogCount ?? 0),
        ageSeconds: Number(age?.seconds ?? 0) + (age?.nanos ?? 0) / 1e9,
        pollers: lately.length,
      };
    }),
  );
}
