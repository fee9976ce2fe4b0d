import type { NativeConnection } from "@temporalio/worker";
import type { QueueName } from "../contracts/names.ts";
import { kindsOf, loadOf, loadRequest, type QueueLoad } from "../contracts/queues.ts";

/** Asks the server what waits on a queue, one entry a kind of task. */
export async function queueLoads(
  { workflowService }: Pick<NativeConnection, "workflowService">,
  namespace: string,
  queue: QueueName,
): Promise<QueueLoad[]> {
  return Promise.all(
    kindsOf(queue).map(async (kind) => {
      const answer = await workflowService.describeTaskQueue(loadRequest(namespace, queue, kind));
      return loadOf(queue, kind, answer, Date.now());
    }),
  );
}
