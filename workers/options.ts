import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, DefaultLogger, type WorkerOptions } from "@temporalio/worker";
import { failureInterceptors } from "../activities/failures.ts";
import { QUEUES, type QueueName } from "../contracts/names.ts";

const WORKFLOWS = fileURLToPath(new URL("../workflows/index.ts", import.meta.url));
const PAYLOAD_CAP = fileURLToPath(new URL("../workflows/payloadCap.ts", import.meta.url));

/** Activities of a queue that one worker runs at once: a heavy stage takes the whole machine. */
export const AT_ONCE: Record<QueueName, number> = {
  [QUEUES.main]: 20,
  [QUEUES.cpu]: 1,
  [QUEUES.gpu]: 1,
  [QUEUES.query]: 8,
};

/**
 * What all workers have in common. Heartbeats leave at least twice a second, so that a cancel is seen in time; on
 * shutdown running activities have 3 s before they are told to stop, and 12 s more to do so.
 */
export const SHARED_OPTIONS = {
  interceptors: { activity: [failureInterceptors] },
  maxHeartbeatThrottleInterval: "500 milliseconds",
  shutdownGraceTime: "3 seconds",
  shutdownForceTime: "15 seconds",
} satisfies Partial<WorkerOptions>;

/** Bundles the workflows, with the interceptor that caps payloads. */
export function bundleWorkflows() {
  return bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    workflowInterceptorModules: [PAYLOAD_CAP],
    logger: new DefaultLogger("ERROR"),
  });
}
